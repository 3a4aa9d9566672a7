import FoundationEssentials

/// Base64 as RFC 4648 section 4 has it: padded, nothing in between, and no second spelling of the
/// same bytes.
enum StrictBase64 {
  static func decode(_ text: String) -> [UInt8]? {
    guard text.utf8.count.isMultiple(of: 4), let data = Data(base64Encoded: text),
      data.base64EncodedString() == text
    else { return nil }
    return Array(data)
  }

  /// Either alphabet, as the JSON form of protocol buffers allows.
  static func decodeEitherAlphabet(_ text: String) -> [UInt8]? {
    let standard = text.replacing("-", with: "+").replacing("_", with: "/")
    guard standard.utf8.count.isMultiple(of: 4) == false, !standard.hasSuffix("=") else {
      return decode(standard)
    }
    return decode(standard + String(repeating: "=", count: 4 - standard.utf8.count % 4))
  }

  static func encode(_ bytes: some Sequence<UInt8>) -> String {
    Data(bytes).base64EncodedString()
  }
}
