import NIOCore

/// Cuts a stream of chunks into lines. Each byte is searched once, and a line that spans chunks
/// grows in the array that is handed out, however the chunks fall and however long it is.
struct LineSplitter {
  /// A line was longer than allowed.
  struct TooLong: Error {}

  let maximum: Int
  /// The beginning of a line whose end has not come. Copied out of the chunks: one byte kept must
  /// not keep a whole read buffer.
  private var partial: [UInt8] = []
  /// Not yet searched.
  private var rest = ByteBuffer()

  init(maximum: Int) { self.maximum = maximum }

  /// Adds a chunk.
  mutating func append(_ chunk: ByteBuffer) {
    if rest.readableBytes == 0 { rest = chunk } else { rest.writeImmutableBuffer(chunk) }
  }

  /// The next whole line that is not empty, without its end; nil if a chunk is needed.
  mutating func next() throws(TooLong) -> [UInt8]? {
    while let end = rest.readableBytesView.firstIndex(of: 0x0A) {
      let line = try take(end - rest.readerIndex)
      rest.moveReaderIndex(forwardBy: 1)
      if !Self.isBlank(line) { return line }
    }
    if rest.readableBytes > 0 { partial = try take(rest.readableBytes) }
    return nil
  }

  /// What stands after the last line end; nil if that is nothing.
  mutating func finish() -> [UInt8]? {
    defer { partial = [] }
    return Self.isBlank(partial) ? nil : partial
  }

  /// The beginning and the next `count` bytes.
  private mutating func take(_ count: Int) throws(TooLong) -> [UInt8] {
    guard partial.count + count <= maximum else { throw TooLong() }
    let bytes = rest.readableBytesView.prefix(count)
    rest.moveReaderIndex(forwardBy: count)
    guard !partial.isEmpty else { return Array(bytes) }
    var line: [UInt8] = []
    swap(&line, &partial)
    line.append(contentsOf: bytes)
    return line
  }

  private static func isBlank(_ line: [UInt8]) -> Bool { line.isEmpty || line == [0x0D] }
}
