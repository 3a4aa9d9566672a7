import Testing
import Wire

@testable import Authorization
@testable import Gateway

@Suite(.timeLimit(.minutes(2))) struct IssuerDiscoveryTests {
  static let guarded = RemoteConnector(allowInsecure: false)

  @Test(arguments: [
    (
      "https://a.example",
      ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"]
    ),
    (
      "https://a.example/t/1/",
      [
        "/.well-known/oauth-authorization-server/t/1", "/.well-known/openid-configuration/t/1",
        "/t/1/.well-known/openid-configuration",
      ]
    ),
  ])
  func metadataIsLookedForInTheOrderOfTheSpecification(issuer: String, paths: [String]) {
    #expect(
      IssuerDiscovery.metadataURLs(of: issuer) == paths.map { "https://a.example" + $0 })
  }

  /// Serves `files` by path; what else is asked for is not found.
  static func serving(
    _ files: @escaping @Sendable (_ issuer: String) throws -> [String: String]
  ) async throws -> ScriptedServer {
    try await ScriptedServer { request, peer in
      let issuer = "http://" + (request.headers["host"] ?? "")
      if let file = try files(issuer)[request.target] {
        try await peer.answer(type: "application/json", file)
      } else {
        try await peer.answer("404 Not Found")
      }
    }
  }

  static func failure(_ discovery: IssuerDiscovery) async -> Problem? {
    do { _ = try await discovery.keys() } catch { return error }
    return nil
  }

  @Test(arguments: [
    "/.well-known/oauth-authorization-server/realm", "/.well-known/openid-configuration/realm",
    "/realm/.well-known/openid-configuration",
  ])
  func keysAreFoundThroughTheMetadata(path: String) async throws {
    let keys = String(decoding: try await Issuer().keySet(), as: UTF8.self)
    let server = try await Self.serving { issuer in
      [path: #"{"issuer":"\#(issuer)/realm","jwks_uri":"\#(issuer)/keys?x=1"}"#, "/keys?x=1": keys]
    }
    defer { server.stop() }
    let discovery = IssuerDiscovery(
      "http://127.0.0.1:\(server.port)/realm", keysURL: nil, others: Self.guarded)
    #expect(try await discovery.keys().knows("ES256"))
    #expect(server.requests.allSatisfy { $0.headers["authorization"] == nil })
  }

  @Test func keysAreTakenStraightFromAURLOfTheOperator() async throws {
    let keys = String(decoding: try await Issuer().keySet(), as: UTF8.self)
    let server = try await Self.serving { _ in ["/k": keys] }
    defer { server.stop() }
    let discovery = IssuerDiscovery(
      "https://auth.example.com", keysURL: "http://127.0.0.1:\(server.port)/k",
      others: Self.guarded)
    #expect(try await discovery.keys().knows("ES256"))
  }

  @Test(arguments: [
    #"{"issuer":"ISSUER/","jwks_uri":"ISSUER/keys"}"#,
    #"{"issuer":"https://evil.example","jwks_uri":"ISSUER/keys"}"#, #"{"jwks_uri":"ISSUER/keys"}"#,
    #"{"issuer":"ISSUER"}"#, #"{"issuer":"ISSUER","jwks_uri":7}"#,
    #"{"issuer":"ISSUER","issuer":"ISSUER","jwks_uri":"ISSUER/keys"}"#, "not JSON", "[]",
    #"{"issuer":"ISSUER","jwks_uri":"http://evil.example/keys"}"#,
    #"{"issuer":"ISSUER","jwks_uri":"file:///etc/passwd"}"#,
    #"{"issuer":"ISSUER","jwks_uri":"https://169.254.169.254/keys"}"#,
    #"{"issuer":"ISSUER","jwks_uri":"https://10.0.0.1/keys"}"#,
    #"{"issuer":"ISSUER","jwks_uri":"https://[::1]/keys"}"#,
    // Loopback, but not the operator's word: another port is another origin.
    #"{"issuer":"ISSUER","jwks_uri":"http://127.0.0.1:1/keys"}"#,
    #"{"issuer":"ISSUER","jwks_uri":"ISSUER/absent"}"#,
    #"{"issuer":"ISSUER","jwks_uri":"ISSUER/none"}"#,
  ])
  func metadataThatLeadsAnywhereElseIsNotFollowed(document: String) async throws {
    let keys = String(decoding: try await Issuer().keySet(), as: UTF8.self)
    let server = try await Self.serving { issuer in
      [
        "/.well-known/oauth-authorization-server": document.replacing("ISSUER", with: issuer),
        "/keys": keys, "/none": #"{"keys":[]}"#,
      ]
    }
    defer { server.stop() }
    let discovery = IssuerDiscovery(
      "http://127.0.0.1:\(server.port)", keysURL: nil, others: Self.guarded)
    #expect(await Self.failure(discovery) != nil)
    #expect(!server.requests.contains { $0.target == "/keys" })
  }

  @Test func redirectsAreNotFollowed() async throws {
    let server = try await ScriptedServer { _, peer in
      try await peer.answer("302 Found", ["Location: /elsewhere"])
    }
    defer { server.stop() }
    let discovery = IssuerDiscovery(
      "http://127.0.0.1:\(server.port)", keysURL: nil, others: Self.guarded)
    #expect(await Self.failure(discovery) != nil)
    #expect(!server.requests.contains { $0.target == "/elsewhere" })
  }

  @Test func aDocumentThatIsTooLargeIsRefused() async throws {
    let server = try await ScriptedServer { _, peer in
      try await peer.answer(
        type: "application/json", String(repeating: " ", count: KeySet.largest + 1))
    }
    defer { server.stop() }
    let discovery = IssuerDiscovery(
      "https://auth.example.com", keysURL: "http://127.0.0.1:\(server.port)/k",
      others: Self.guarded)
    #expect(await Self.failure(discovery)?.message.contains("larger") == true)
  }
}
