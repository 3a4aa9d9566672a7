import Crypto

/// The SHA-256 of a bearer token: enough to know the token again, of no use to whoever reads it,
/// because a token has more entropy than anybody can guess.
public struct TokenDigest: Sendable, Hashable {
  private let bytes: [UInt8]

  public init(of token: some Sequence<UInt8>) {
    bytes = Array(SHA256.hash(data: Array(token)))
  }

  /// 64 hexadecimal digits in either case.
  public init?(hexadecimal text: some StringProtocol) {
    let digits = text.compactMap { $0.isASCII ? $0.hexDigitValue : nil }
    guard digits.count == 2 * SHA256.byteCount, text.utf8.count == digits.count else { return nil }
    bytes = stride(from: 0, to: digits.count, by: 2).map {
      UInt8(digits[$0] << 4 | digits[$0 + 1])
    }
  }

  public var hexadecimal: String {
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 0xF)]] }, as: UTF8.self)
  }

  /// Looks at every byte, so that the time tells nothing of where two digests differ.
  public static func == (one: TokenDigest, other: TokenDigest) -> Bool {
    zip(one.bytes, other.bytes).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(bytes) }
}
