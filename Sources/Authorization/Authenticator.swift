import Wire

/// Says who sends a request. Any of the kinds of credentials that are configured will do; each leads
/// to identities of its own form.
public struct Authenticator: Sendable {
  private let shared: TokenDigest?
  private let named: NamedTokens?
  private let accessTokens: AccessTokens?
  private let admitsAnybody: Bool

  /// Everybody gets in. Weakens security: any program that reaches the port can call tools.
  public static let allowUnauthenticated = Authenticator(
    shared: nil, named: nil, accessTokens: nil, admitsAnybody: true)

  /// Only who shows `token` gets in.
  public static func requiring(_ token: BearerToken) -> Authenticator {
    Authenticator(shared: token)
  }

  /// With none of the three nobody gets in.
  public init(
    shared: BearerToken? = nil, named: NamedTokens? = nil, accessTokens: AccessTokens? = nil
  ) {
    self.init(
      shared: shared.map { TokenDigest(of: $0.secret.utf8) }, named: named,
      accessTokens: accessTokens, admitsAnybody: false)
  }

  private init(
    shared: TokenDigest?, named: NamedTokens?, accessTokens: AccessTokens?, admitsAnybody: Bool
  ) {
    self.shared = shared
    self.named = named
    self.accessTokens = accessTokens
    self.admitsAnybody = admitsAnybody
  }

  public var requiresToken: Bool { !admitsAnybody }

  /// What clients are told about where to get a token; nil where there is no such place.
  public var metadata: ResourceMetadata? { accessTokens.map { ResourceMetadata($0.server) } }

  /// Who is behind the `Authorization` lines of a request for `target`.
  public func principal(
    authorization: [String], target: some StringProtocol
  ) async throws(AuthorizationFailure) -> Principal {
    if admitsAnybody { return Principal(identity: "anonymous") }
    // RFC 6750 section 2.3, MCP: a token in a URL ends up in logs and histories. It is refused even
    // beside a good one, so that nobody gets used to it.
    guard !Self.hasToken(target) else {
      throw .malformed("access tokens are not accepted in the URL; use the Authorization header")
    }
    guard authorization.count <= 1 else {
      throw .malformed("exactly one Authorization header is accepted")
    }
    guard let value = authorization.first, let token = Self.bearer(value) else { throw .missing }
    if let principal = staticPrincipal(token) { return principal }
    guard let accessTokens else { throw .invalid("the bearer token is not valid") }
    return try await accessTokens.principal(token)
  }

  /// Digests are compared, in constant time, so that neither content nor length of the token shows
  /// in the time the answer takes.
  private func staticPrincipal(_ token: [UInt8]) -> Principal? {
    guard shared != nil || named != nil else { return nil }
    let digest = TokenDigest(of: token)
    if let shared, shared == digest { return Principal(identity: "token") }
    return named?.name(of: digest).map { Principal(identity: $0.text) }
  }

  /// RFC 6750: the scheme in any case, spaces, the token.
  private static func bearer(_ value: String) -> [UInt8]? {
    let parts = value.utf8.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: true)
    guard parts.count == 2, String(decoding: parts[0], as: UTF8.self).lowercased() == "bearer"
    else { return nil }
    return Array(parts[1])
  }

  private static func hasToken(_ target: some StringProtocol) -> Bool {
    guard let mark = target.firstIndex(of: "?") else { return false }
    return target[target.index(after: mark)...].split(separator: "&").contains {
      $0.prefix { $0 != "=" }.lowercased() == "access_token"
    }
  }
}
