/// Cuts a stream of bytes into lines of bounded size. A carriage return before the line feed does
/// not belong to the line; empty lines are none.
struct LineSplitter: Sendable {
  struct TooLong: Error, Sendable, Hashable {}

  private let limit: Int
  private var rest: [UInt8] = []

  init(limit: Int) { self.limit = limit }

  /// The lines that `chunk` completes.
  mutating func take(_ chunk: some Sequence<UInt8>) throws(TooLong) -> [[UInt8]] {
    var lines: [[UInt8]] = []
    let bytes = Array(chunk)
    var start = 0
    while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
      try append(bytes[start..<end])
      if rest.last == UInt8(ascii: "\r") { rest.removeLast() }
      if !rest.isEmpty { lines.append(rest) }
      rest = []
      start = end + 1
    }
    try append(bytes[start...])
    return lines
  }

  /// Whether the stream stopped within a line.
  var isWithinLine: Bool { !rest.isEmpty }

  private mutating func append(_ part: ArraySlice<UInt8>) throws(TooLong) {
    guard rest.count + part.count <= limit else { throw TooLong() }
    rest.append(contentsOf: part)
  }
}
