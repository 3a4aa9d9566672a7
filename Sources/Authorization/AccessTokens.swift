import FoundationEssentials
import Synchronization
import Wire

/// Judges the access tokens of the trusted issuers.
public final class AccessTokens: Sendable {
  /// Only tokens that were found good are remembered, so a stranger cannot fill this.
  private static let mostRemembered = 1_024

  private struct Remembered {
    let claims: AccessTokenClaims
    /// Of the issuer's keys when the token was verified.
    let revision: Int
  }

  let server: ResourceServer
  private let keys: [String: IssuerKeys]
  private let now: @Sendable () -> Double
  private let remembered = Mutex<[TokenDigest: Remembered]>([:])

  /// `keys` by issuer; `now` in seconds since 1970.
  public init(
    _ server: ResourceServer, keys: [String: IssuerKeys],
    now: @escaping @Sendable () -> Double = { Date().timeIntervalSince1970 }
  ) {
    self.server = server
    self.keys = keys
    self.now = now
  }

  func principal(_ token: [UInt8]) async throws(AuthorizationFailure) -> Principal {
    let digest = TokenDigest(of: token)
    let claims: AccessTokenClaims
    if let known = known(digest) {
      claims = known
    } else {
      claims = try await verify(token, digest)
    }
    let missing = server.requiredScopes.filter { !claims.scopes.contains($0) }
    guard missing.isEmpty else { throw .insufficientScope(server.requiredScopes) }
    return Principal(identity: claims.identity, scopes: claims.scopes)
  }

  /// A signature is verified once, not with every request; it counts while token and keys last.
  private func known(_ digest: TokenDigest) -> AccessTokenClaims? {
    guard let known = remembered.withLock({ $0[digest] }), now() < known.claims.expiry,
      let revision = keys[known.claims.issuer]?.revision, revision == known.revision
    else { return nil }
    return known.claims
  }

  /// Claims come before keys: a token that could not be accepted anyway makes us ask nobody.
  private func verify(
    _ token: [UInt8], _ digest: TokenDigest
  ) async throws(AuthorizationFailure) -> AccessTokenClaims {
    let signed = try SignedToken(token)
    let claims = try AccessTokenClaims(signed.untrustedClaims, for: server, now: now())
    guard let issuer = keys[claims.issuer] else {
      throw .unavailable("the keys of the token's issuer are not known")
    }
    let (keys, revision) = try await issuer.keys(for: signed.header.keyID)
    guard keys.verifies(signed.signature, over: signed.signedText, by: signed.header) else {
      throw .invalid("the token's signature is not valid")
    }
    remember(Remembered(claims: claims, revision: revision), digest)
    return claims
  }

  private func remember(_ token: Remembered, _ digest: TokenDigest) {
    remembered.withLock { tokens in
      if tokens.count >= Self.mostRemembered { tokens.removeAll(keepingCapacity: true) }
      tokens[digest] = token
    }
  }
}
