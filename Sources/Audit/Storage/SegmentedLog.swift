import Glibc
import Wire

/// A log in files, of which the last is open and locked.
struct SegmentedLog: LogStorage {
  let place: LogPlace
  let log: LogID
  private(set) var file: OpenFile?
  private(set) var size: Int
  /// Half a line is at the end and could not be cut off yet.
  private var isTorn = false

  init(_ place: LogPlace, _ log: LogID, _ file: OpenFile, size: Int) {
    self.place = place
    self.log = log
    self.file = file
    self.size = size
  }

  mutating func append(_ line: [UInt8]) throws(WriteFailure) {
    guard let file else { throw WriteFailure(message: "the log is closed") }
    if isTorn {
      guard file.truncate(to: size) else { throw failure("cannot be repaired", errno) }
      isTorn = false
    }
    let (written, code) = file.append(line)
    guard written == line.count else {
      // The next line must not be glued to this one's half.
      if written > 0 { isTorn = !file.truncate(to: size) }
      throw failure("cannot be written", code)
    }
    size += written
  }

  /// The new file is locked before it has its name, so that no other gateway can take it.
  mutating func rotate() throws(WriteFailure) {
    do throws(Problem) {
      file = try next()
      size = 0
    } catch { throw WriteFailure(message: error.description) }
  }

  mutating func close() { file = nil }

  private func next() throws(Problem) -> OpenFile {
    switch place {
    case .folder(let folder):
      let present = file.flatMap { LogFiles.parts(of: Folder.name(of: $0.path)) }?.number ?? 0
      return try Self.make("\(folder)/\(LogFiles.name(log, present + 1))", replacing: false)
    case .file(let path):
      let last = try LogFiles.rotated(path).last?.number ?? 0
      let old = "\(path).\(last + 1)"
      guard unsafe link(path, old) == 0 else { throw .system("cannot be made", old) }
      do throws(Problem) { return try Self.make(path, replacing: true) } catch {
        unsafe unlink(old)
        throw error
      }
    }
  }

  /// Makes an empty file, locks it, and gives it its name.
  static func make(_ path: String, replacing: Bool) throws(Problem) -> OpenFile {
    let temporary = "\(Folder.above(path))/.\(Folder.name(of: path)).\(LogID.random())"
    let file = try OpenFile.make(temporary)
    defer { unsafe unlink(temporary) }
    guard try file.lock() else {
      throw Problem(source: temporary, "another program has locked a file that was just made")
    }
    // First what may fail for want of descriptors: once the name is there, it must be ours.
    guard let named = file.renamed(path) else { throw .system("cannot be made", path) }
    let result = unsafe replacing ? rename(temporary, path) : link(temporary, path)
    guard result == 0 else { throw .system("cannot be made", path) }
    try Folder.synchronize(Folder.above(path))
    return named
  }

  private func failure(_ what: String, _ code: Int32) -> WriteFailure {
    WriteFailure(message: Problem.system(what, file?.path ?? place.path, code).description)
  }
}
