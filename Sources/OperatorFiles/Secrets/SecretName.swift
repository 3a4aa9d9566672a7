import Catalog
import Wire

/// The name of a secret, by convention `server.key`. It becomes a file's name and a part of a URL,
/// so its alphabet is narrow.
public struct SecretName: Sendable, Hashable, Comparable {
  public let text: String

  public init(_ text: String) throws(Problem) {
    guard Names.isSecret(text) else {
      throw Problem(
        source: "secret", "\"\(text.prefix(80))\" cannot be a secret's name",
        hint: "use letters, digits and . _ -, such as server.key")
    }
    self.text = text
  }

  public static func < (one: SecretName, other: SecretName) -> Bool { one.text < other.text }
}
