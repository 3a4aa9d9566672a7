import Glibc

/// What came of reading a descriptor that does not block.
enum Reading: Hashable {
  case bytes([UInt8])
  case nothingYet
  case end

  init(from descriptor: CInt) {
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = unsafe read(descriptor, &chunk, chunk.count)
      if count > 0 {
        self = .bytes(Array(chunk.prefix(count)))
        return
      }
      if count < 0, errno == EINTR { continue }
      self = count < 0 && errno == EAGAIN ? .nothingYet : .end
      return
    }
  }
}

/// Lines out of a stream of bytes, up to a limit: what a hook complains of at length is not kept.
struct ComplaintLines {
  static let mostBytes = 64 << 10
  static let longestLine = 4 << 10

  private var rest: [UInt8] = []
  private var count = 0
  private let onLine: (String) -> Void

  init(_ onLine: @escaping (String) -> Void) { self.onLine = onLine }

  mutating func append(_ bytes: [UInt8]) {
    let isOver = count > Self.mostBytes
    count += bytes.count
    guard !isOver else { return }
    for byte in bytes {
      if byte == UInt8(ascii: "\n") {
        flush()
      } else if rest.count < Self.longestLine {
        rest.append(byte)
      }
    }
    guard count > Self.mostBytes else { return }
    flush()
    onLine("(it wrote more than \(Self.mostBytes) bytes; the rest is left out)")
  }

  /// The last line may have no end.
  mutating func flush() {
    if !rest.isEmpty { onLine(String(decoding: rest, as: UTF8.self)) }
    rest = []
  }
}
