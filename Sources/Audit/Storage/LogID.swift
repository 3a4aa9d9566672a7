/// Tells logs apart: 64 random bits as 16 hexadecimal digits.
struct LogID: Sendable, Hashable, CustomStringConvertible {
  let description: String

  static func random() -> LogID {
    let digits = String(UInt64.random(in: .min ... .max), radix: 16)
    return LogID(padded: digits)
  }

  private init(padded digits: String) {
    description = String(repeating: "0", count: 16 - digits.count) + digits
  }

  init?(_ text: some StringProtocol) {
    guard text.utf8.count == 16, Hex.bytes(text.utf8) != nil else { return nil }
    description = String(text)
  }
}
