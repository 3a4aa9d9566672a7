import Wire

/// The name of a bearer token: who the caller is, in policies, logs and records.
public struct TokenName: Sendable, Hashable, Comparable {
  private static let longest = 64
  /// What callers with other credentials are called.
  private static let reserved: Set<String> = ["token", "anonymous", "local"]

  public let text: String

  public init(_ text: String) throws(TokenFlaw) {
    guard Self.isWellFormed(text) else {
      throw TokenFlaw(
        "\"\(PrintableText(String(text.prefix(80))))\" cannot be a token's name",
        "use 1 to \(Self.longest) letters, digits and . _ - @, a letter or digit first")
    }
    guard !Self.reserved.contains(text.lowercased()) else {
      throw TokenFlaw(
        "\"\(text)\" is what callers without a named token are called", "choose another name")
    }
    self.text = text
  }

  /// No `#`, `?` or `/`: a name can never be read as an issuer's subject.
  private static func isWellFormed(_ text: String) -> Bool {
    guard let first = text.utf8.first, text.utf8.count <= longest else { return false }
    return isWord(first) && text.utf8.allSatisfy { isWord($0) || "._-@".utf8.contains($0) }
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }

  public static func < (one: TokenName, other: TokenName) -> Bool { one.text < other.text }
}

/// What is wrong with a line of a token file, and what would be right. Never repeats a token.
public struct TokenFlaw: Error, Sendable, Hashable {
  public let message: String
  public let hint: String

  init(_ message: String, _ hint: String) {
    self.message = message
    self.hint = hint
  }
}
