import Synchronization
import Testing
import Wire

@testable import Authorization

@Suite struct AccessTokensTests {
  /// 1000 by the clock of all tests.
  static func tokens(
    _ issuer: Issuer, scopes: [String] = [], keys: IssuerKeys? = nil,
    now: @escaping @Sendable () -> Double = { 1000 }
  ) async throws -> AccessTokens {
    let server = ResourceServer(
      issuers: [Issuer.name], resource: Issuer.resource, requiredScopes: scopes)
    let inForce: IssuerKeys
    if let keys { inForce = keys } else { inForce = IssuerKeys(try await KeySet(issuer.keySet())) }
    return AccessTokens(server, keys: [Issuer.name: inForce], now: now)
  }

  /// Why the token is not good; nil if it is.
  static func failure(
    _ tokens: AccessTokens, _ token: [UInt8]
  ) async -> AuthorizationFailure? {
    do throws(AuthorizationFailure) { _ = try await tokens.principal(token) } catch { return error }
    return nil
  }

  static func isInvalid(_ failure: AuthorizationFailure?) -> Bool {
    if case .invalid = failure { true } else { false }
  }

  @Test(arguments: Issuer.algorithms)
  func aTokenOfEveryAcceptedAlgorithmGivesItsSubject(algorithm: String) async throws {
    let issuer = try await Issuer()
    let tokens = try await Self.tokens(issuer)
    let principal = try await tokens.principal(try issuer.token(by: algorithm))
    #expect(
      principal == Principal(identity: "\(Issuer.name)#alice", scopes: ["files", "tools"]))
  }

  /// Nobody names an unknown key or brings a new token: a token in use makes us ask all the same.
  @Test func aKeyThatWasWithdrawnIsHeardOfByATokenInUse() async throws {
    let issuer = try await Issuer()
    let source = KeySetTests.Source(try await KeySet(issuer.keySet()))
    let keys = source.keys()
    let tokens = try await Self.tokens(issuer, keys: keys)
    let token = try issuer.token(by: "ES256")
    _ = try await tokens.principal(token)
    let others = try await KeySet(issuer.keySet(["ES384": "ES384"]))
    source.answer.withLock { $0 = others }
    source.wait(601)
    // Asked for beside the request that shows that it is time, which may see the answer or not.
    _ = await Self.failure(tokens, token)
    for _ in 0..<500 where source.count < 2 { try await Task.sleep(for: .milliseconds(10)) }
    for _ in 0..<500 where await Self.failure(tokens, token) == nil {
      try await Task.sleep(for: .milliseconds(10))
    }
    #expect(Self.isInvalid(await Self.failure(tokens, token)))
  }

  @Test func keysThatCannotBeRenewedStopTokensInUse() async throws {
    let issuer = try await Issuer()
    let source = KeySetTests.Source(try await KeySet(issuer.keySet()))
    let tokens = try await Self.tokens(issuer, keys: source.keys())
    let token = try issuer.token(by: "ES256")
    _ = try await tokens.principal(token)
    source.answer.withLock { $0 = nil }
    source.wait(3601)
    guard case .unavailable = await Self.failure(tokens, token) else {
      Issue.record("accepted, or refused for another reason")
      return
    }
  }

  @Test func aSymmetricOrMissingSignatureIsNeverAccepted() async throws {
    let issuer = try await Issuer()
    let tokens = try await Self.tokens(issuer)
    #expect(Self.isInvalid(await Self.failure(tokens, try issuer.token(by: "HS256"))))
    for name in ["none", "None", "NONE", "HS256", "hs256", "", "RS1", "ES256K"] {
      let header = #"{"alg":"\#(name)","kid":"ES256"}"#
      let text = Base64URL.encode(header.utf8) + "." + Base64URL.encode(Issuer.claims().utf8)
      for signature in ["", ".", ".AAAA"] {
        #expect(Self.isInvalid(await Self.failure(tokens, Array((text + signature).utf8))))
      }
    }
  }

  @Test(arguments: [
    #"{"alg":"ES384","kid":"ES256"}"#, #"{"alg":"RS256","kid":"ES256"}"#,
    #"{"alg":"ES256","kid":"ES384"}"#, #"{"alg":"ES256","kid":"unknown"}"#,
    #"{"alg":"ES256","kid":7}"#, #"{"kid":"ES256"}"#, #"{"alg":["ES256"],"kid":"ES256"}"#,
    #"{"alg":"ES256","kid":"ES256","crit":["exp"]}"#,
    #"{"alg":"ES256","kid":"ES256","b64":false}"#,
    #"{"alg":"ES256","kid":"ES256","typ":"logout+jwt"}"#,
    #"{"alg":"ES256","kid":"ES256","typ":"dpop+jwt"}"#, #"{"alg":"ES256","kid":"ES256","typ":1}"#,
    #"{"alg":"ES256","alg":"none","kid":"ES256"}"#, #"[]"#, #"{"alg":"ES256""#, "",
  ])
  func aHeaderThatSaysAnythingElseIsRefused(header: String) async throws {
    let issuer = try await Issuer()
    let tokens = try await Self.tokens(issuer)
    let token = try issuer.token(header: header)
    #expect(Self.isInvalid(await Self.failure(tokens, token)))
  }

  @Test(arguments: [
    Issuer.claims(iss: #""https://auth.example.com/realm/""#),
    Issuer.claims(iss: #""https://AUTH.example.com/realm""#),
    Issuer.claims(iss: #"["https://auth.example.com/realm"]"#), Issuer.claims(iss: "null"),
    Issuer.claims(aud: #""https://mcp.example.com""#),
    Issuer.claims(aud: #""https://mcp.example.com/mcp/""#), Issuer.claims(aud: "[]"),
    Issuer.claims(aud: #"[["https://mcp.example.com/mcp"]]"#), Issuer.claims(aud: "null"),
    Issuer.claims(exp: "969"), Issuer.claims(exp: "null"), Issuer.claims(exp: #""2000""#),
    Issuer.claims(exp: "-1"), Issuer.claims(more: #","nbf":1031"#),
    Issuer.claims(more: #","nbf":"1""#), Issuer.claims(sub: #""""#), Issuer.claims(sub: "7"),
    Issuer.claims(sub: #""a\nb""#), Issuer.claims(sub: #""a\u202eb""#),
    Issuer.claims(sub: #""\#(String(repeating: "x", count: 257))""#),
    Issuer.claims(more: #","cnf":{"jkt":"x"}"#), Issuer.claims(more: #","exp":3000"#),
    #"{"iss":"\#(Issuer.name)","aud":"\#(Issuer.resource)","exp":2000}"#,
    #"{"iss":"\#(Issuer.name)","aud":"\#(Issuer.resource)","sub":"alice"}"#, "[]", "7", "",
  ])
  func claimsThatAreNotMeantForUsAreRefused(claims: String) async throws {
    let issuer = try await Issuer()
    let tokens = try await Self.tokens(issuer)
    let failure = await Self.failure(tokens, try issuer.token(claims))
    #expect(Self.isInvalid(failure), "\(claims)")
  }

  @Test(arguments: [
    (Issuer.claims(aud: #"["https://other.example", "\#(Issuer.resource)"]"#), "#alice"),
    (Issuer.claims(exp: "971"), "#alice"), (Issuer.claims(exp: "1.5e3"), "#alice"),
    (Issuer.claims(more: #","nbf":1029"#), "#alice"),
    (Issuer.claims(sub: #""auth0|Ünï code""#), "#auth0|Ünï code"),
    (
      #"{"iss":"\#(Issuer.name)","aud":"\#(Issuer.resource)","client_id":"ci","exp":2000}"#,
      "?client_id=ci"
    ),
  ])
  func claimsThatAreMeantForUsGiveAnIdentityOfTheIssuer(
    claims: String, identity: String
  ) async throws {
    let issuer = try await Issuer()
    let principal = try await Self.tokens(issuer).principal(try issuer.token(claims))
    #expect(principal.identity == Issuer.name + identity)
  }

  @Test func everyChangedByteOfATokenIsNoticed() async throws {
    let issuer = try await Issuer()
    let tokens = try await Self.tokens(issuer)
    let good = try issuer.token()
    for position in good.indices {
      var bad = good
      bad[position] = bad[position] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
      #expect(await Self.failure(tokens, bad) != nil, "byte \(position)")
    }
    #expect(await Self.failure(tokens, Array(good.dropLast())) != nil)
    #expect(await Self.failure(tokens, good + good) != nil)
    #expect(await Self.failure(tokens, good) == nil)
  }

  @Test func scopesAreRequiredAndKept() async throws {
    let issuer = try await Issuer()
    let tokens = try await Self.tokens(issuer, scopes: ["tools", "admin"])
    #expect(
      await Self.failure(tokens, try issuer.token()) == .insufficientScope(["tools", "admin"]))
    let enough = Issuer.claims(more: #","scp":["x"]"#).replacing("files tools", with: "admin tools")
    #expect(try await tokens.principal(try issuer.token(enough)).scopes == ["admin", "tools"])
    let list = Issuer.claims().replacing(
      #""scope":"files tools""#, with: #""scp":["tools","admin"]"#)
    #expect(try await tokens.principal(try issuer.token(list)).scopes == ["admin", "tools"])
  }

  @Test func aRememberedTokenEndsWithItsTimeAndItsKeys() async throws {
    let issuer = try await Issuer()
    let clock = Mutex(1000.0)
    let keys = IssuerKeys(try await KeySet(issuer.keySet()))
    let tokens = try await Self.tokens(issuer, keys: keys) { clock.withLock(\.self) }
    let token = try issuer.token()
    #expect(await Self.failure(tokens, token) == nil)
    #expect(await Self.failure(tokens, token) == nil)
    keys.replace(try await KeySet(issuer.keySet(["ES384": "ES384"])))
    #expect(Self.isInvalid(await Self.failure(tokens, token)))
    keys.replace(try await KeySet(issuer.keySet()))
    #expect(await Self.failure(tokens, token) == nil)
    clock.withLock { $0 = 2031 }
    #expect(Self.isInvalid(await Self.failure(tokens, token)))
  }

  @Test func anotherIssuersKeySpeaksOnlyForItself() async throws {
    let (one, other) = (try await Issuer(), try await Issuer())
    let server = ResourceServer(
      issuers: [Issuer.name, "https://other.example"], resource: Issuer.resource)
    let tokens = AccessTokens(
      server,
      keys: [
        Issuer.name: IssuerKeys(try await KeySet(one.keySet())),
        "https://other.example": IssuerKeys(try await KeySet(other.keySet())),
      ], now: { 1000 })
    let claims = Issuer.claims(iss: #""https://other.example""#)
    let principal = try await tokens.principal(try other.token(claims))
    #expect(principal.identity == "https://other.example#alice")
    #expect(Self.isInvalid(await Self.failure(tokens, try one.token(claims))))
    #expect(Self.isInvalid(await Self.failure(tokens, try other.token())))
  }

  @Test func aTokenWithoutKeyIDNeedsTheOnlyKeyOfItsKind() async throws {
    let issuer = try await Issuer()
    let token = try issuer.token(header: #"{"alg":"ES256"}"#)
    let one = IssuerKeys(try await KeySet(issuer.keySet(["ES256": "a", "RSA": "b"])))
    #expect(await Self.failure(try await Self.tokens(issuer, keys: one), token) == nil)
    let another = try await Issuer()
    let second = String(decoding: another.keySet(["ES256": "b"]), as: UTF8.self)
      .dropFirst(#"{"keys":["#.count).dropLast(2)
    let two = IssuerKeys(try await KeySet(issuer.keySet(["ES256": "a"], more: String(second))))
    #expect(Self.isInvalid(await Self.failure(try await Self.tokens(issuer, keys: two), token)))
  }
}
