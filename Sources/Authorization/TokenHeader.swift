import Wire

/// The protected header of a signed token (RFC 7515 section 4), as far as it decides anything.
struct TokenHeader: Sendable, Hashable {
  let algorithm: SignatureAlgorithm
  let keyID: String?

  /// What an access token calls itself: RFC 9068 section 2.1, or nothing in particular. Other kinds
  /// (identity, logout and proof tokens) are signed with the same keys.
  private static let types: Set<String> = ["jwt", "at+jwt", "application/at+jwt"]
  private static let longestKeyID = 256

  init(_ text: JSONText) throws(AuthorizationFailure) {
    guard let name = text["alg"]?.string, let algorithm = SignatureAlgorithm(rawValue: name) else {
      throw .invalid("the token's signature algorithm is not accepted")
    }
    // RFC 7515 section 4.1.11: whoever does not understand an extension must refuse the token.
    guard text["crit"] == nil, text["b64"] == nil else {
      throw .invalid("the token's header has an extension that is not supported")
    }
    if let type = text["typ"] {
      guard let type = type.string, Self.types.contains(type.lowercased()) else {
        throw .invalid("the token is not an access token")
      }
    }
    if let id = text["kid"] {
      guard let id = id.string, id.utf8.count <= Self.longestKeyID else {
        throw .invalid("the token's key id is malformed")
      }
      keyID = id
    } else {
      keyID = nil
    }
    self.algorithm = algorithm
  }
}
