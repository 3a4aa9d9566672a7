/// Whose access tokens are accepted, and which of them.
public struct OAuthSettings: Sendable, Hashable {
  public enum KeySource: Sendable, Hashable {
    /// The `jwks_uri` of the issuer's metadata.
    case discovered
    case file(String)
    case url(String)
  }

  /// Exactly as they stand in tokens.
  public var issuers: [String] = []
  /// Empty: the public URL.
  public var audiences: [String] = []
  public var keys = KeySource.discovered
  public var requiredScopes: [String] = []

  public init() {}
}
