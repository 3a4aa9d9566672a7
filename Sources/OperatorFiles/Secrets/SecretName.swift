import Wire

/// The name of a secret, by convention `server.key`. It becomes a file's name and a part of a URL,
/// so its alphabet is narrow.
public struct SecretName: Sendable, Hashable, Comparable {
  public let text: String

  public init(_ text: String) throws(Problem) {
    guard Self.isValid(text) else {
      throw Problem(
        source: "secret", "\"\(text.prefix(80))\" cannot be a secret's name",
        hint: "use letters, digits and . _ -, such as server.key")
    }
    self.text = text
  }

  static func isValid(_ text: String) -> Bool {
    guard let first = text.utf8.first, (1...253).contains(text.utf8.count) else { return false }
    return isWord(first) && text.utf8.allSatisfy { isWord($0) || "_.-".utf8.contains($0) }
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }

  public static func < (one: SecretName, other: SecretName) -> Bool { one.text < other.text }
}
