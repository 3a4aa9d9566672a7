import Wire

/// What the claims of an access token say, judged against what we are (RFC 9068 section 4).
struct AccessTokenClaims: Sendable, Hashable {
  let issuer: String
  let identity: String
  let scopes: Set<String>
  /// Seconds since 1970.
  let expiry: Double

  /// Clocks of two machines differ by so much, in seconds.
  private static let leeway = 30.0
  private static let longestName = 256
  private static let mostScopes = 200

  init(
    _ claims: JSONText, for server: ResourceServer, now: Double
  ) throws(AuthorizationFailure) {
    guard let issuer = claims["iss"]?.string, server.issuers.contains(issuer) else {
      throw .invalid("the token is from an issuer that is not trusted here")
    }
    guard Self.audiences(claims).contains(where: server.audiences.contains) else {
      throw .invalid("the token is for another audience")
    }
    expiry = try Self.checkTimes(claims, now)
    // RFC 9449 and RFC 8705: such a token is worth nothing without a proof, which we cannot check;
    // taking it as a bearer token would serve whoever stole it.
    guard claims["cnf"] == nil else {
      throw .invalid("tokens that are bound to a key are not supported")
    }
    self.issuer = issuer
    identity = try Self.identity(claims, issuer)
    scopes = Self.scopes(claims)
  }

  private static func audiences(_ claims: JSONText) -> [String] {
    guard let audience = claims["aud"] else { return [] }
    return audience.string.map { [$0] } ?? audience.elements.compactMap(\.string)
  }

  private static func checkTimes(
    _ claims: JSONText, _ now: Double
  ) throws(AuthorizationFailure) -> Double {
    guard let expiry = claims["exp"]?.double, expiry.isFinite else {
      throw .invalid("the token has no time of expiry")
    }
    guard now < expiry + leeway else { throw .invalid("the token has expired") }
    if let start = claims["nbf"] {
      guard let start = start.double, start.isFinite, start - leeway <= now else {
        throw .invalid("the token is not valid yet")
      }
    }
    return expiry + leeway
  }

  /// Issuers have no query and no fragment (RFC 8414 section 2), so the two forms exclude each
  /// other, and no subject of one issuer reads as one of another.
  private static func identity(
    _ claims: JSONText, _ issuer: String
  ) throws(AuthorizationFailure) -> String {
    if let subject = claims["sub"] { return issuer + "#" + (try name(subject)) }
    if let client = claims["client_id"] { return issuer + "?client_id=" + (try name(client)) }
    throw .invalid("the token names neither a subject nor a client")
  }

  /// Names end up in logs and policies: printable and short, or refused.
  private static func name(_ text: JSONText) throws(AuthorizationFailure) -> String {
    guard let name = text.string, (1...longestName).contains(name.utf8.count),
      PrintableText(name, limit: longestName).description == name
    else { throw .invalid("the token's subject is malformed") }
    return name
  }

  /// `scope` of RFC 8693, or the `scp` that some servers write instead: words in a string, or a list.
  private static func scopes(_ claims: JSONText) -> Set<String> {
    guard let granted = claims["scope"] ?? claims["scp"] else { return [] }
    let words =
      granted.string.map { $0.split(separator: " ").map(String.init) }
      ?? granted.elements.compactMap(\.string)
    return Set(words.prefix(mostScopes))
  }
}
