/// One part of a token: fixed text, or a run of characters of one class.
public enum Piece: Sendable, Hashable {
  case text(String)
  case run(CharacterClass, ClosedRange<Int>)

  public static func run(_ characters: CharacterClass, _ count: Int) -> Piece {
    .run(characters, count...count)
  }
}

/// What must stand around an anchor for it to be a credential.
public enum Shape: Sendable {
  /// A token with the anchor in it: `before` is read from the anchor backwards.
  case token(before: [Piece] = [], after: [Piece], check: Check = .none)
  /// A value without a mark of its own, close behind the name that is the anchor.
  case named(NamedValue)
  /// A signed JSON Web Token.
  case jsonWebToken
  /// An armoured private key of any kind.
  case armouredKey
  /// User and password inside a URL.
  case urlPassword
}

/// A value that only its name makes a secret: `NAME = value`, `"name": "value"`, and the pair
/// `{"name": NAME, "value": …}`.
public struct NamedValue: Sendable {
  /// Where not empty, one of these words (lower case) must stand between the anchor and the value.
  var words: [String] = NamedValue.credentialWords
  var value: [Piece]
  var check: Check = .none

  static let credentialWords = ["key", "secret", "token", "passw", "auth", "credential"]
}
