import Wire

/// JSON writes characters beyond the basic plane as two `\uXXXX` escapes; YAML does not know that
/// and libyaml refuses it, though programs that write JSON do it by default.
enum SurrogatePairs {
  /// The same text with each pair as one `\UXXXXXXXX`, if it is JSON. In YAML outside double quotes
  /// the same characters are plain text, so nothing else is touched.
  static func joined(in bytes: [UInt8]) -> [UInt8] {
    guard hasPair(bytes),
      (try? JSONText(validating: bytes, limits: .init(maximumBytes: bytes.count))) != nil
    else { return bytes }
    var joined: [UInt8] = []
    joined.reserveCapacity(bytes.count)
    var at = 0
    while at < bytes.count {
      if let scalar = pair(bytes[at...]) {
        let digits = String(scalar, radix: 16)
        joined += "\\U".utf8
        joined += String(repeating: "0", count: 8 - digits.count).utf8
        joined += digits.utf8
        at += 12
      } else {
        // A backslash takes the next character with it: `\\ud83d` is no escape.
        let step = bytes[at] == UInt8(ascii: "\\") ? 2 : 1
        joined += bytes[at..<min(at + step, bytes.count)]
        at += step
      }
    }
    return joined
  }

  private static func hasPair(_ bytes: [UInt8]) -> Bool {
    bytes.indices.contains { bytes[$0] == UInt8(ascii: "\\") && pair(bytes[$0...]) != nil }
  }

  /// The character of the two escapes at the start of `bytes`.
  private static func pair(_ bytes: ArraySlice<UInt8>) -> UInt32? {
    guard let high = unit(bytes), (0xD800...0xDBFF).contains(high),
      let low = unit(bytes.dropFirst(6)), (0xDC00...0xDFFF).contains(low)
    else { return nil }
    return 0x10000 + (high - 0xD800) << 10 + (low - 0xDC00)
  }

  private static func unit(_ bytes: ArraySlice<UInt8>) -> UInt32? {
    let escape = bytes.prefix(6)
    guard escape.count == 6, escape.starts(with: "\\u".utf8) else { return nil }
    return UInt32(String(decoding: escape.dropFirst(2), as: UTF8.self), radix: 16)
  }
}
