/// Whom a transport has authenticated, and what the credential of this one request grants.
///
/// Two requests of one session may bear different tokens of one person, so scopes belong to the
/// request and identity to both.
public struct Principal: Sendable, Hashable {
  /// `local` for stdio, `token` for the shared bearer token, the name of a named token, or
  /// `ISSUER#SUBJECT`. The forms exclude each other, so no two credentials of different people
  /// lead to one identity.
  public var identity: String
  /// What an OAuth access token grants; empty for all other credentials.
  public var scopes: Set<String>

  public init(identity: String, scopes: Set<String> = []) {
    self.identity = identity
    self.scopes = scopes
  }
}
