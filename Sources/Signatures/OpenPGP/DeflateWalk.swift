/// Finds where a deflate stream ends (RFC 1951), without keeping what it holds: GnuPG ignores what
/// follows the stream in a signature, so somebody else has to look.
struct DeflateWalk {
  enum Flaw: Error, Sendable, Hashable { case malformed, tooLong }

  private let bytes: ArraySlice<UInt8>
  private var at: Int
  private var bits: UInt32 = 0
  private var bitCount = 0
  private var room: Int

  private init(_ bytes: ArraySlice<UInt8>, room: Int) {
    self.bytes = bytes
    at = bytes.startIndex
    self.room = room
  }

  /// The index after the stream that `bytes` start with.
  ///
  /// - Parameter limit: more bytes of content are not looked at.
  static func end(of bytes: ArraySlice<UInt8>, limit: Int) throws(Flaw) -> Int {
    var walk = DeflateWalk(bytes, room: limit)
    let fixed = try Self.fixed.get()
    while true {
      // A block of ten bits makes us build tables, or begin anew: as dear as much content.
      try walk.spend(blockCost)
      let isLast = try walk.take(1) == 1
      switch try walk.take(2) {
      case 0: try walk.skipStored()
      case 1: try walk.skipCoded(fixed.literals, fixed.distances)
      case 2:
        let (literals, distances) = try walk.tables()
        try walk.skipCoded(literals, distances)
      default: throw .malformed
      }
      if isLast { return walk.at }
    }
  }

  private mutating func take(_ count: Int) throws(Flaw) -> Int {
    while bitCount < count {
      guard at < bytes.endIndex else { throw .malformed }
      bits |= UInt32(bytes[at]) << UInt32(bitCount)
      at += 1
      bitCount += 8
    }
    let value = Int(bits & ((1 << UInt32(count)) - 1))
    bits >>= UInt32(count)
    bitCount -= count
    return value
  }

  private mutating func spend(_ count: Int) throws(Flaw) {
    room -= count
    guard room >= 0 else { throw .tooLong }
  }

  private mutating func skipStored() throws(Flaw) {
    (bits, bitCount) = (0, 0)
    let length = try take(16)
    guard try take(16) == ~length & 0xFFFF, bytes.endIndex - at >= length else { throw .malformed }
    try spend(length)
    at += length
  }

  private mutating func skipCoded(_ literals: Code, _ distances: Code) throws(Flaw) {
    while true {
      let symbol = try next(literals)
      if symbol == 256 { return }
      guard symbol > 256 else {
        try spend(1)
        continue
      }
      guard symbol - 257 < Self.lengths.count else { throw .malformed }
      let (base, extra) = Self.lengths[symbol - 257]
      try spend(base + take(extra))
      let distance = try next(distances)
      guard distance < 30 else { throw .malformed }
      _ = try take(distance < 2 ? 0 : distance / 2 - 1)
    }
  }

  // MARK: Codes

  /// A canonical Huffman code: how many codes of each length, and the symbols in their order.
  private struct Code: Sendable {
    var counts = [Int](repeating: 0, count: 16)
    var symbols: [Int] = []

    init(_ lengths: some Collection<Int>) throws(Flaw) {
      for length in lengths { counts[length] += 1 }
      counts[0] = 0
      var left = 1
      for length in 1...15 {
        left = left << 1 - counts[length]
        guard left >= 0 else { throw .malformed }
      }
      symbols = lengths.enumerated().filter { $0.element > 0 }
        .sorted { ($0.element, $0.offset) < ($1.element, $1.offset) }.map(\.offset)
    }
  }

  private mutating func next(_ code: Code) throws(Flaw) -> Int {
    var (value, first, index) = (0, 0, 0)
    for length in 1...15 {
      value |= try take(1)
      let count = code.counts[length]
      if value - count < first { return code.symbols[index + value - first] }
      index += count
      first = (first + count) << 1
      value <<= 1
    }
    throw .malformed
  }

  private mutating func tables() throws(Flaw) -> (literals: Code, distances: Code) {
    let (literals, distances) = (try take(5) + 257, try take(5) + 1)
    let count = try take(4) + 4
    guard literals <= 286, distances <= 30 else { throw .malformed }
    var order = [Int](repeating: 0, count: 19)
    for index in 0..<count { order[Self.codeOrder[index]] = try take(3) }
    let code = try Code(order)
    var lengths: [Int] = []
    while lengths.count < literals + distances {
      switch try next(code) {
      case let length where length < 16: lengths.append(length)
      case 16:
        guard let last = lengths.last else { throw .malformed }
        lengths += Array(repeating: last, count: 3 + (try take(2)))
      case 17: lengths += Array(repeating: 0, count: 3 + (try take(3)))
      default: lengths += Array(repeating: 0, count: 11 + (try take(7)))
      }
    }
    guard lengths.count == literals + distances, lengths[256] > 0 else { throw .malformed }
    return (try Code(lengths[..<literals]), try Code(lengths[literals...]))
  }

  private static let codeOrder = [
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
  ]
  /// Base and extra bits of the symbols from 257 on.
  private static let lengths: [(base: Int, extra: Int)] =
    (3...10).map { ($0, 0) }
    + [
      (11, 1), (13, 1), (15, 1), (17, 1), (19, 2), (23, 2), (27, 2), (31, 2), (35, 3), (43, 3),
      (51, 3), (59, 3), (67, 4), (83, 4), (99, 4), (115, 4), (131, 5), (163, 5), (195, 5),
      (227, 5), (258, 0),
    ]
  private static let blockCost = 256
  private static let fixed: Result<(literals: Code, distances: Code), Flaw> = {
    do throws(Flaw) {
      let literals = try Code(
        Array(repeating: 8, count: 144) + Array(repeating: 9, count: 112)
          + Array(repeating: 7, count: 24) + Array(repeating: 8, count: 8))
      return .success((literals, try Code(Array(repeating: 5, count: 30))))
    } catch { return .failure(error) }
  }()
}
