import Synchronization
import Testing
import Wire

@testable import Gateway

/// Revision 2026-07-28 towards servers behind HTTP.
@Suite(.timeLimit(.minutes(1)))
struct StatelessChannelTests {
  private static let discovery =
    #"{"supportedVersions":["2026-07-28"],"capabilities":{"tools":{}},"resultType":"complete"}"#

  private static func id(_ request: ScriptedServer.Request) -> String {
    (try? Message(Array(request.body.utf8))).flatMap {
      if case .request(let id, _, _) = $0 { id.text.description } else { nil }
    } ?? "null"
  }

  private static func answer(_ request: ScriptedServer.Request, _ result: String) -> String {
    #"{"jsonrpc":"2.0","id":\#(id(request)),"result":\#(result)}"#
  }

  private static func error(_ request: ScriptedServer.Request, _ code: Int) -> String {
    #"{"jsonrpc":"2.0","id":\#(id(request)),"error":{"code":\#(code),"message":"no"}}"#
  }

  /// A server that speaks `2026-07-28` alone and answers calls with `script`.
  private static func stateless(
    _ script: @escaping ScriptedServer.Script
  ) async throws -> ScriptedServer {
    try await ScriptedServer { request, peer in
      if request.body.contains("server/discover") {
        try await peer.answer("200 OK", [], answer(request, discovery))
      } else if request.body.contains("\"initialize\"") {
        try await peer.answer("404 Not Found", [], error(request, -32601))
      } else {
        try await script(request, peer)
      }
    }
  }

  private static func open(
    _ server: ScriptedServer, _ era: ProtocolEra, limit: Duration = .seconds(5)
  ) async throws -> LiveServer {
    let starter = ServerStarter(
      open: { _, _ in try await StreamableHTTPChannel.to(server) },
      slots: ContainerSlots(limit: 1, rule: "r", whenFull: "full"), farewells: Farewells(),
      startTimeout: limit)
    return try await starter.start(
      .remoteFake(port: server.port), session: nil,
      for: Tenant(capabilities: .none, era: era, ask: nil))
  }

  @Test(arguments: ProtocolEra.allCases)
  func aServerOfTheNewEraIsFoundOut(client: ProtocolEra) async throws {
    let server = try await Self.stateless { request, peer in
      try await peer.answer("200 OK", [], Self.answer(request, "{}"))
    }
    defer { server.stop() }
    let live = try await Self.open(server, client)
    #expect(live.hello.revision == .stateless(.july2026))
    _ = try await live.connection.request(
      "tools/call", try JSONText(validating: #"{"name":"caf\u00e9","arguments":{}}"#),
      within: .seconds(5),
      mirroring: [MirroredHeader(name: "Mcp-Param-Region", value: "eu")])
    let call = try #require(server.requests.last)
    #expect(call.headers["mcp-protocol-version"] == "2026-07-28")
    #expect(call.headers["mcp-method"] == "tools/call")
    #expect(call.headers["mcp-name"] == "=?base64?Y2Fmw6k=?=")
    #expect(call.headers["mcp-param-region"] == "eu")
    #expect(call.headers["mcp-session-id"] == nil)
    #expect(call.body.contains("io.modelcontextprotocol/clientCapabilities"))
    await live.close()
    #expect(!server.requests.contains { $0.method != "POST" }, "no GET, no DELETE")
  }

  @Test(arguments: ["400 Bad Request", "404 Not Found", "405 Method Not Allowed", "415 X", "406 X"])
  func anOldServerIsInitialized(status: String) async throws {
    let server = try await ScriptedServer { request, peer in
      if request.body.contains("server/discover") {
        try await peer.answer(status, [], type: "text/plain", "what?")
      } else if request.body.contains("\"initialize\"") {
        try await peer.answer(
          "200 OK", [], Self.answer(request, #"{"protocolVersion":"2025-06-18","capabilities":{}}"#)
        )
      } else if request.method == "POST" {
        try await peer.answer("202 Accepted", type: nil)
      } else {
        try await peer.answer("405 Method Not Allowed", type: nil)
      }
    }
    defer { server.stop() }
    let live = try await Self.open(server, .stateless)
    #expect(live.hello.revision == .handshake(.june2025))
    #expect(server.requests.count { $0.body.contains("server/discover") } == 1)
    await live.close()
  }

  @Test(arguments: ["503 Service Unavailable", "500 Broken"])
  func anOutageIsNoVerdict(status: String) async throws {
    let server = try await ScriptedServer { _, peer in
      try await peer.answer(status, type: "text/plain", "later")
    }
    defer { server.stop() }
    await #expect {
      try await Self.open(server, .stateless)
    } throws: { ($0 as? Fault)?.isRetryable == true }
    #expect(!server.requests.contains { $0.body.contains("\"initialize\"") })
  }

  @Test func refusedCredentialsAreToldAsSuch() async throws {
    let server = try await ScriptedServer { _, peer in
      try await peer.answer("401 Unauthorized", type: "text/plain", "no")
    }
    defer { server.stop() }
    await #expect {
      try await Self.open(server, .stateless)
    } throws: { ($0 as? Fault)?.message.contains("credentials") == true }
  }

  @Test func withdrawingARequestClosesItsStreamAndPostsNothing() async throws {
    let hasBegun = Mutex(false)
    let server = try await Self.stateless { request, peer in
      try await peer.beginEvents()
      hasBegun.withLock { $0 = true }
    }
    defer { server.stop() }
    let live = try await Self.open(server, .stateless)
    let call = Task {
      try await live.connection.request(
        "tools/call", try JSONText(validating: #"{"name":"a"}"#), within: .seconds(30))
    }
    #expect(await eventually { hasBegun.withLock { $0 } })
    call.cancel()
    await #expect(throws: Fault.self) { try await call.value }
    try await Task.sleep(for: .milliseconds(100))
    #expect(!server.requests.contains { $0.body.contains("notifications/cancelled") })
    await live.close()
  }

  @Test func aBrokenStreamIsNotResumed() async throws {
    let server = try await Self.stateless { request, peer in
      try await peer.beginEvents()
      try await peer.chunk(
        "id: 7\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\"}\n\n")
      try await peer.endChunks()
    }
    defer { server.stop() }
    let live = try await Self.open(server, .stateless)
    await #expect {
      try await live.connection.request(
        "tools/call", try JSONText(validating: #"{"name":"a"}"#), within: .seconds(30))
    } throws: { ($0 as? RPCError)?.message.contains("before the answer") == true }
    #expect(!server.requests.contains { $0.method == "GET" })
    await live.close()
  }
}
