import FoundationEssentials

/// The two spellings of base64 that docker uses.
enum Base64 {
  static func encodeURLSafe(_ bytes: [UInt8]) -> String {
    String(
      Data(bytes).base64EncodedString().map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 })
  }

  static func decode(_ text: String) -> [UInt8]? {
    Data(base64Encoded: text).map(Array.init)
  }
}
