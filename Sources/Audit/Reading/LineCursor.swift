import Glibc
import Wire

/// Reads the lines of one log, file after file, also while it is being written and rotated.
struct LineCursor {
  struct Line {
    /// Without its line break.
    let bytes: [UInt8]
    let place: LinePlace
    let startsFile: Bool
  }

  /// What there is at the present end.
  enum Next {
    case line(Line)
    /// Half a line, or one that is too long to be one; nothing can be read behind it.
    case torn(LinePlace, bytes: Int)
    /// Nothing more for now.
    case end
  }

  private static let chunk = 256 << 10

  private let place: LogPlace
  private let log: LogID?
  private var file: OpenFile?
  private var offset = 0
  private var lineNumber = 0
  /// Read and not handed out yet, from `start` on.
  private var buffer: [UInt8] = []
  private var start = 0

  init(_ files: LogFiles, at place: LogPlace) {
    self.place = place
    log = files.log
  }

  mutating func next() throws(Problem) -> Next {
    while true {
      if let line = takeLine() { return .line(line) }
      if buffer.count - start > RecordForm.longest {
        return .torn(here(1), bytes: buffer.count - start)
      }
      if try fill() { continue }
      if buffer.count > start { return .torn(here(1), bytes: buffer.count - start) }
      guard try openNext() else { return .end }
    }
  }

  private mutating func takeLine() -> Line? {
    guard let end = buffer[start...].firstIndex(of: UInt8(ascii: "\n")) else { return nil }
    defer { start = end + 1 }
    lineNumber += 1
    return Line(
      bytes: Array(buffer[start..<end]), place: here(0), startsFile: lineNumber == 1)
  }

  private func here(_ lines: Int) -> LinePlace {
    LinePlace(file: file?.path ?? place.path, line: lineNumber + lines)
  }

  /// Whether there was more in the present file.
  private mutating func fill() throws(Problem) -> Bool {
    guard let file else { return false }
    let more = try file.read(at: offset, Self.chunk)
    offset += more.count
    buffer.removeFirst(start)
    start = 0
    buffer += more
    return !more.isEmpty
  }

  /// Goes on to the file that was begun after the present one, if there is one.
  private mutating func openNext() throws(Problem) -> Bool {
    let files = try LogFiles.all(at: place).first { $0.log == log }?.files ?? []
    var next = files.first
    if let file {
      guard let present = try place(of: file, among: files) else { return false }
      next = files.dropFirst(present + 1).first
      // It was written to its end before the next was begun, but we may have looked earlier.
      if next != nil, try fill() { return true }
    }
    guard let next, let opened = try OpenFile.existing(next, O_RDONLY) else { return false }
    (file, offset, lineNumber) = (opened, 0, 0)
    return true
  }
}

extension LineCursor {
  /// By what it is, not by its name: rotating gives the old file another one.
  private func place(of file: OpenFile, among paths: [String]) throws(Problem) -> Int? {
    for (index, path) in paths.enumerated() where try file.isAt(path) { return index }
    return nil
  }
}

/// Where a line stands.
public struct LinePlace: Sendable, Hashable {
  public let file: String
  public let line: Int
}
