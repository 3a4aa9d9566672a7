import Synchronization
import Testing
import Wire

@testable import Authorization
@testable import Gateway

@Suite(.timeLimit(.minutes(2))) struct HTTPAuthorizationTests {
  static let json = [
    "Content-Type: application/json", "Accept: application/json, text/event-stream",
  ]

  static func bearer(_ token: String) -> [String] { json + ["Authorization: Bearer \(token)"] }

  static func named(_ names: String...) throws -> (tokens: [String: BearerToken], NamedTokens) {
    var tokens: [String: BearerToken] = [:]
    var lines: [String] = []
    for name in names {
      let token = BearerToken.random()
      tokens[name] = token
      lines.append(TokenFile.line(try TokenName(name), token))
    }
    let (file, problems) = TokenFile.read(
      Array(lines.joined(separator: "\n").utf8), source: "tokens")
    #expect(problems == [])
    return (tokens, NamedTokens(file))
  }

  static func oauth(
    _ issuer: Issuer, scopes: [String] = [], keys: IssuerKeys? = nil
  ) async throws -> Authenticator {
    let server = ResourceServer(
      issuers: [Issuer.name], resource: Issuer.resource, requiredScopes: scopes)
    let inForce: IssuerKeys
    if let keys { inForce = keys } else { inForce = IssuerKeys(try await KeySet(issuer.keySet())) }
    return Authenticator(
      accessTokens: AccessTokens(server, keys: [Issuer.name: inForce], now: { 1000 }))
  }

  static func text(_ token: [UInt8]) -> String { String(decoding: token, as: UTF8.self) }

  @Test func aSessionIsThereForItsOwnNameOnly() async throws {
    let (tokens, named) = try Self.named("alice", "bob")
    let alice = Self.bearer(try #require(tokens["alice"]).secret)
    let bob = Self.bearer(try #require(tokens["bob"]).secret)
    try await HTTPProbe.serving(.streaming, Authenticator(named: named)) { probe in
      let opened = await probe.request("POST", "/mcp", alice, HTTPProbe.initialize)
      let id = try #require(opened?.headers["mcp-session-id"])
      #expect(probe.opener.all.map(\.identity) == ["alice"])
      let session = ["Mcp-Session-Id: \(id)"]
      let ping = HTTPProbe.call(1, "ping")
      for (method, body) in [("POST", ping), ("GET", nil), ("DELETE", nil)] {
        let unknown = await probe.request(
          method, "/mcp", bob + ["Mcp-Session-Id: \(id.reversed())"], body)
        let foreign = await probe.request(method, "/mcp", bob + session, body)
        #expect(foreign?.status == 404)
        #expect(foreign?.body == unknown?.body)
      }
      #expect(await probe.request("POST", "/mcp", alice + session, ping)?.status == 200)
      // The name's second token, or a new one after rotation, is the same person.
      #expect(probe.opener.all.count == 1)
    }
  }

  @Test func aTokenThatIsTakenBackEndsItsSessionToo() async throws {
    let (tokens, named) = try Self.named("alice")
    let alice = Self.bearer(try #require(tokens["alice"]).secret)
    try await HTTPProbe.serving(.streaming, Authenticator(named: named)) { probe in
      let opened = await probe.request("POST", "/mcp", alice, HTTPProbe.initialize)
      let id = try #require(opened?.headers["mcp-session-id"])
      named.replace(with: TokenFile.read([], source: "tokens").file)
      let refused = await probe.request(
        "POST", "/mcp", alice + ["Mcp-Session-Id: \(id)"], HTTPProbe.call(1, "ping"))
      #expect(refused?.status == 401)
      #expect(refused?.headers["www-authenticate"]?.contains(#"error="invalid_token""#) == true)
    }
  }

  @Test func strangersAreToldWhereTokensComeFrom() async throws {
    let authenticator = try await Self.oauth(try await Issuer(), scopes: ["tools", "files"])
    try await HTTPProbe.serving(.streaming, authenticator) { probe in
      let known = "/.well-known/oauth-protected-resource"
      for path in [known, known + "/mcp"] {
        let document = await probe.request("GET", path)
        #expect(document?.status == 200)
        #expect(document?.headers["content-type"] == "application/json")
        #expect(document?.body.contains(#""resource":"\#(Issuer.resource)""#) == true)
        #expect(await probe.request("POST", path, Self.json, "{}")?.status == 405)
      }
      #expect(await probe.request("GET", known + "/sse")?.status == 401)
      let refused = await probe.request("POST", "/mcp", Self.json, HTTPProbe.initialize)
      #expect(refused?.status == 401)
      #expect(
        refused?.headers["www-authenticate"]
          == #"Bearer realm="MCP Gateway", scope="tools files", "#
          + #"resource_metadata="https://mcp.example.com\#(known)/mcp""#)
    }
  }

  @Test func withoutAnIssuerThereIsNoMetadata() async throws {
    try await HTTPProbe.serving { probe in
      let response = await probe.request("GET", "/.well-known/oauth-protected-resource")
      #expect(response?.status == 401)
      #expect(response?.headers["www-authenticate"] == #"Bearer realm="MCP Gateway""#)
    }
  }

  @Test func anAccessTokenOpensASessionAndItsScopesComeWithEachMessage() async throws {
    let issuer = try await Issuer()
    try await HTTPProbe.serving(.streaming, try await Self.oauth(issuer)) { probe in
      let wide = Self.bearer(Self.text(try issuer.token()))
      let narrow = Self.bearer(
        Self.text(try issuer.token(Issuer.claims().replacing("files tools", with: "files"))))
      let opened = await probe.request("POST", "/mcp", wide, HTTPProbe.initialize)
      let id = try #require(opened?.headers["mcp-session-id"])
      #expect(probe.opener.all.map(\.identity) == ["\(Issuer.name)#alice"])
      let session = ["Mcp-Session-Id: \(id)"]
      for headers in [wide, narrow, wide] {
        let response = await probe.request(
          "POST", "/mcp", headers + session, HTTPProbe.call(1, "ping"))
        #expect(response?.status == 200)
      }
      let seen = probe.opener.all.first?.state.withLock(\.scopes)
      #expect(seen == [["files", "tools"], ["files", "tools"], ["files"], ["files", "tools"]])
      let other = Self.bearer(Self.text(try issuer.token(Issuer.claims(sub: #""bob""#))))
      let foreign = await probe.request(
        "POST", "/mcp", other + session, HTTPProbe.call(1, "ping"))
      #expect(foreign?.status == 404)
    }
  }

  @Test func tooLittleScopeIs403AndSaysWhatWouldDo() async throws {
    let issuer = try await Issuer()
    let authenticator = try await Self.oauth(issuer, scopes: ["admin"])
    try await HTTPProbe.serving(.streaming, authenticator) { probe in
      let headers = Self.bearer(Self.text(try issuer.token()))
      let response = await probe.request("POST", "/mcp", headers, HTTPProbe.initialize)
      #expect(response?.status == 403)
      let challenge = try #require(response?.headers["www-authenticate"])
      for part in [
        #"error="insufficient_scope""#, #"scope="admin""#, "resource_metadata=",
      ] { #expect(challenge.contains(part), "\(challenge)") }
    }
  }

  @Test func anIssuerOutOfReachIs503AndOtherTokensStillWork() async throws {
    struct Unreachable: Error {}
    let issuer = try await Issuer()
    let keys = IssuerKeys(report: { _ in }, fetch: { throw Unreachable() })
    let server = ResourceServer(issuers: [Issuer.name], resource: Issuer.resource)
    let shared = try #require(BearerToken(HTTPProbe.token))
    let authenticator = Authenticator(
      shared: shared, accessTokens: AccessTokens(server, keys: [Issuer.name: keys], now: { 1000 }))
    try await HTTPProbe.serving(.streaming, authenticator) { probe in
      let headers = Self.bearer(Self.text(try issuer.token()))
      let response = await probe.request("POST", "/mcp", headers, HTTPProbe.initialize)
      #expect(response?.status == 503)
      #expect(response?.headers["retry-after"] != nil)
      #expect(response?.headers["www-authenticate"] == nil)
      // What could never be good is not a matter of keys.
      let expired = Self.bearer(Self.text(try issuer.token(Issuer.claims(exp: "1"))))
      #expect(await probe.request("POST", "/mcp", expired, HTTPProbe.initialize)?.status == 401)
      let standard = await probe.request(
        "POST", "/mcp", HTTPProbe.standard, HTTPProbe.initialize)
      #expect(standard?.status == 200)
    }
  }

  @Test(arguments: [
    ("/mcp?access_token=\(HTTPProbe.token)", [String]()),
    ("/mcp?access_token=\(HTTPProbe.token)", [HTTPProbe.authorization]),
  ])
  func aTokenInTheURLIs400(path: String, headers: [String]) async throws {
    try await HTTPProbe.serving { probe in
      let response = await probe.request("POST", path, Self.json + headers, HTTPProbe.initialize)
      #expect(response?.status == 400)
      #expect(
        response?.headers["www-authenticate"]?.contains(#"error="invalid_request""#) == true)
      #expect(response?.body.contains(HTTPProbe.token) == false)
      #expect(probe.opener.all.isEmpty)
    }
  }

  @Test func cookiesAndOtherHeadersAreNoCredentials() async throws {
    try await HTTPProbe.serving { probe in
      for header in [
        "Cookie: access_token=\(HTTPProbe.token)", "Proxy-Authorization: Bearer \(HTTPProbe.token)",
        "X-Api-Key: \(HTTPProbe.token)", "X-Authorization: Bearer \(HTTPProbe.token)",
      ] {
        let response = await probe.request(
          "POST", "/mcp", Self.json + [header], HTTPProbe.initialize)
        #expect(response?.status == 401)
      }
    }
  }
}
