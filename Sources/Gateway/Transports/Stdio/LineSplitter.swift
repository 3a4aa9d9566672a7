import Glibc

/// Cuts a stream of bytes into lines, however the bytes arrive. A line over the limit is reported
/// once and its rest skipped, so that memory stays bounded and the next line is read as usual.
struct LineSplitter {
  enum Line: Equatable {
    case line([UInt8])
    case tooLong
  }

  /// Longest line in bytes, without its line end.
  let limit: Int
  private var pending: [UInt8] = []
  private var isSkipping = false

  init(limit: Int) { self.limit = limit }

  /// Whether the stream stopped within a line.
  var isWithinLine: Bool { isSkipping || !pending.isEmpty }

  /// Takes the next bytes and hands on each line that they complete. Blank lines are left out.
  mutating func take(_ chunk: ArraySlice<UInt8>, _ handOn: (Line) -> Void) {
    var rest = chunk
    while let end = Self.lineEnd(rest) {
      append(rest[..<end], handOn)
      finishLine(handOn)
      rest = rest[(end + 1)...]
    }
    append(rest, handOn)
  }

  /// By `memchr`, which looks at many bytes at a time.
  private static func lineEnd(_ bytes: ArraySlice<UInt8>) -> Int? {
    unsafe bytes.withUnsafeBytes { raw in
      guard let start = raw.baseAddress, let end = unsafe memchr(start, 0x0A, raw.count) else {
        return nil
      }
      return unsafe bytes.startIndex + (UnsafeRawPointer(end) - start)
    }
  }

  /// At the end of the input a last line without line end counts as well.
  mutating func finish(_ handOn: (Line) -> Void) { finishLine(handOn) }

  private mutating func append(_ part: ArraySlice<UInt8>, _ handOn: (Line) -> Void) {
    guard !isSkipping else { return }
    // One byte more than the limit may be the CR of a line that is just short enough.
    guard pending.count + part.count <= limit + 1 else {
      pending.removeAll(keepingCapacity: false)
      isSkipping = true
      handOn(.tooLong)
      return
    }
    pending.append(contentsOf: part)
  }

  private mutating func finishLine(_ handOn: (Line) -> Void) {
    defer { isSkipping = false }
    guard !isSkipping else { return }
    if pending.last == UInt8(ascii: "\r") { pending.removeLast() }
    let line = pending
    pending = []
    guard line.count <= limit else { return handOn(.tooLong) }
    guard line.contains(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }) else { return }
    handOn(.line(line))
  }
}
