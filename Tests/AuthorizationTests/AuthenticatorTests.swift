import Testing
import Wire

@testable import Authorization

@Suite struct AuthenticatorTests {
  /// Nil where the request is not let in.
  static func identity(_ authenticator: Authenticator, _ lines: [String]) async -> String? {
    try? await authenticator.principal(authorization: lines, target: "/mcp").identity
  }

  @Test func aRandomTokenIsLongAndSafeInHeadersAndURLs() {
    let tokens = (0..<100).map { _ in BearerToken.random() }
    #expect(Set(tokens.map(\.secret)).count == 100)
    for token in tokens {
      #expect(token.secret.utf8.count == 43)
      #expect(
        token.secret.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_".contains($0)) })
      #expect(!"\(token)".contains(token.secret))
      #expect(!String(reflecting: token).contains(token.secret))
    }
  }

  @Test(arguments: ["", " ", "a b", "é", "a\n", "\u{7f}"])
  func aTokenThatNoHeaderCarriesIsNone(text: String) { #expect(BearerToken(text) == nil) }

  @Test(arguments: [
    (["Bearer secret"], "token"), (["bEaReR   secret"], "token"), (["Bearer secret "], "token"),
    (["Bearer secre"], nil), (["Bearer secret2"], nil), (["Bearer"], nil), (["secret"], nil),
    (["Basic secret"], nil), (["Bearer secret", "Bearer secret"], nil), ([], nil),
    (["Bearer secret x"], nil),
  ])
  func onlyTheTokenGivesAnIdentity(lines: [String], identity: String?) async throws {
    let token = try #require(BearerToken("secret"))
    #expect(await Self.identity(.requiring(token), lines) == identity)
    #expect(await Self.identity(.allowUnauthenticated, lines) == "anonymous")
  }

  @Test(arguments: [
    "/mcp?access_token=x", "/mcp?a=b&access_token=x", "/mcp?Access_Token", "/mcp?access_token=",
  ])
  func aTokenInTheURLIsRefusedEvenBesideAGoodOne(target: String) async throws {
    let token = try #require(BearerToken("secret"))
    await #expect {
      try await Authenticator.requiring(token).principal(
        authorization: ["Bearer secret"], target: target)
    } throws: { error in
      if case .malformed = error as? AuthorizationFailure { true } else { false }
    }
  }

  @Test func otherWordsInTheURLDoNotMatter() async throws {
    let token = try #require(BearerToken("secret"))
    let principal = try await Authenticator.requiring(token).principal(
      authorization: ["Bearer secret"], target: "/access_token?sessionid=access_token")
    #expect(principal == Principal(identity: "token"))
  }

  @Test func twoAuthorizationHeadersAreMalformedAndNoneIsMissing() async throws {
    let token = try #require(BearerToken("secret"))
    let authenticator = Authenticator.requiring(token)
    await #expect(
      throws: AuthorizationFailure.malformed("exactly one Authorization header is accepted")
    ) {
      try await authenticator.principal(
        authorization: ["Bearer secret", "Bearer secret"], target: "/mcp")
    }
    await #expect(throws: AuthorizationFailure.missing) {
      try await authenticator.principal(authorization: [], target: "/mcp")
    }
    await #expect(throws: AuthorizationFailure.missing) {
      try await authenticator.principal(authorization: ["Basic dTpw"], target: "/mcp")
    }
  }

  @Test func aNamedTokenGivesItsName() async throws {
    let (alice, bob) = (BearerToken.random(), BearerToken.random())
    let lines = try [
      TokenFile.line(TokenName("alice"), alice), TokenFile.line(TokenName("bob"), bob),
    ].joined(separator: "\n")
    let (file, problems) = TokenFile.read(Array(lines.utf8), source: "tokens")
    #expect(problems == [])
    let named = NamedTokens(file)
    let shared = try #require(BearerToken("secret"))
    let authenticator = Authenticator(shared: shared, named: named)
    #expect(await Self.identity(authenticator, ["Bearer \(alice.secret)"]) == "alice")
    #expect(await Self.identity(authenticator, ["Bearer \(bob.secret)"]) == "bob")
    #expect(await Self.identity(authenticator, ["Bearer secret"]) == "token")
    #expect(await Self.identity(authenticator, ["Bearer \(alice.secret)x"]) == nil)
    named.replace(with: TokenFile.read([], source: "tokens").file)
    #expect(await Self.identity(authenticator, ["Bearer \(alice.secret)"]) == nil)
  }

  @Test func withoutAnyCredentialsConfiguredNobodyGetsIn() async {
    #expect(await Self.identity(Authenticator(), ["Bearer x"]) == nil)
  }
}
