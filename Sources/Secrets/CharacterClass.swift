/// A set of ASCII characters as two words of bits: what a token may be made of.
public struct CharacterClass: Sendable, Hashable {
  private let low: UInt64
  private let high: UInt64

  public init(_ characters: String) {
    var bits: (low: UInt64, high: UInt64) = (0, 0)
    for byte in characters.utf8 where byte < 128 {
      if byte < 64 { bits.low |= 1 << UInt64(byte) } else { bits.high |= 1 << UInt64(byte - 64) }
    }
    (low, high) = bits
  }

  private init(low: UInt64, high: UInt64) {
    self.low = low
    self.high = high
  }

  func union(_ other: CharacterClass) -> CharacterClass {
    CharacterClass(low: low | other.low, high: high | other.high)
  }

  @inline(__always)
  func contains(_ byte: UInt8) -> Bool {
    let word = byte < 64 ? low : high
    return byte < 128 && (word >> UInt64(byte & 63)) & 1 == 1
  }

  /// The members in ASCII order.
  var characters: [UInt8] { (0..<128).filter { contains($0) } }
}

extension CharacterClass {
  public static let digits = CharacterClass("0123456789")
  public static let hex = CharacterClass("0123456789abcdefABCDEF")
  public static let lowerHex = CharacterClass("0123456789abcdef")
  public static let upperAlnum = CharacterClass("0123456789" + upperLetters)
  public static let lowerAlnum = CharacterClass("0123456789" + lowerLetters)
  public static let letters = CharacterClass(upperLetters + lowerLetters)
  public static let alnum = CharacterClass("0123456789" + upperLetters + lowerLetters)
  public static let base64 = CharacterClass("0123456789+/" + upperLetters + lowerLetters)
  /// Base64 with its padding.
  public static let padded = CharacterClass("0123456789+/=" + upperLetters + lowerLetters)
  public static let base64url = CharacterClass("0123456789-_" + upperLetters + lowerLetters)
  /// What a JSON number is written with.
  static let numbers = CharacterClass("0123456789.+-eE")
  /// Both alphabets of base64 at once.
  static let anyBase64 = CharacterClass("0123456789+/-_" + upperLetters + lowerLetters)
  public static let base32 = CharacterClass("234567" + upperLetters)
  /// The data characters of bech32, upper case as age writes them.
  public static let upperBech32 = CharacterClass("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L")
  public static let dotted = CharacterClass("0123456789-_." + upperLetters + lowerLetters)

  private static let upperLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
  private static let lowerLetters = "abcdefghijklmnopqrstuvwxyz"
}
