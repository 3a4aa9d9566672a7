import FoundationEssentials

/// Values of a message in HTTP headers (MCP 2026-07-28): as they are where a header carries them
/// unharmed, else as `=?base64?…?=`.
enum HeaderText {
  private static let opening = "=?base64?"
  private static let closing = "?="

  static func encode(_ value: String) -> String {
    if isPlain(value) { return value }
    return opening + Data(value.utf8).base64EncodedString() + closing
  }

  /// Nil for a wrapper with something else in it than the canonical Base64 of UTF-8: what two
  /// decoders could read differently equals nothing.
  static func decode(_ header: String) -> String? {
    guard let payload = payload(of: header) else { return header }
    guard let data = Data(base64Encoded: payload), data.base64EncodedString() == payload else {
      return nil
    }
    return String(validating: data, as: UTF8.self)
  }

  /// RFC 9110 section 5.6.2.
  static func isToken(_ text: String) -> Bool {
    !text.isEmpty
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"):
          true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
      }
  }

  private static func isPlain(_ value: String) -> Bool {
    let bytes = value.utf8
    return bytes.allSatisfy { (0x20...0x7E).contains($0) } && bytes.first != 0x20
      && bytes.last != 0x20 && payload(of: value) == nil
  }

  private static func payload(of text: String) -> String? {
    guard text.hasPrefix(opening), text.hasSuffix(closing),
      text.utf8.count >= opening.utf8.count + closing.utf8.count
    else { return nil }
    return String(text.dropFirst(opening.count).dropLast(closing.count))
  }
}
