/// Base64url without padding (RFC 7515 section 2), read strictly: one text, one value. A reader that
/// skips what it does not know would accept many spellings of one signature.
public enum Base64URL {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

  private static let values: [UInt8] = {
    var values = [UInt8](repeating: 0xFF, count: 256)
    for (value, letter) in alphabet.enumerated() { values[Int(letter)] = UInt8(value) }
    return values
  }()

  /// Without padding.
  public static func encode(_ bytes: some Sequence<UInt8>) -> String {
    var text: [UInt8] = []
    var bits = 0
    var buffer = 0
    for byte in bytes {
      buffer = (buffer << 8 | Int(byte)) & 0xFFFF
      bits += 8
      while bits >= 6 {
        bits -= 6
        text.append(alphabet[buffer >> bits & 0x3F])
      }
    }
    if bits > 0 { text.append(alphabet[buffer << (6 - bits) & 0x3F]) }
    return String(decoding: text, as: UTF8.self)
  }

  /// Nil for a letter outside the alphabet, padding, an impossible length, or bits that are left
  /// over and not zero.
  public static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
    guard text.count % 4 != 1 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count * 3 / 4)
    var bits = 0
    var buffer = 0
    for letter in text {
      let value = values[Int(letter)]
      guard value != 0xFF else { return nil }
      buffer = (buffer << 6 | Int(value)) & 0xFFFF
      bits += 6
      if bits >= 8 {
        bits -= 8
        bytes.append(UInt8(truncatingIfNeeded: buffer >> bits))
      }
    }
    return buffer & ((1 << bits) - 1) == 0 ? bytes : nil
  }
}
