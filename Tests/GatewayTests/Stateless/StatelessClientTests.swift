import Synchronization
import Testing
import Wire

@testable import Gateway

/// The stateless era on the front: every request stands alone.
@Suite(.timeLimit(.minutes(1)))
struct StatelessClientTests {
  private static let echo = #""name":"echo","arguments":{},"#

  private func listed(_ servers: [PlannedServer] = [.fake()]) async throws -> FakeGateway {
    let gateway = try FakeGateway(servers)
    await gateway.list()
    return gateway
  }

  @Test func discoveryNamesAllVersionsAndCapabilities() async throws {
    let gateway = try FakeGateway()
    let result = try await gateway.stateless("server/discover").last?.result
    #expect(
      result?["supportedVersions"]?.elements.compactMap(\.string)
        == ["2026-07-28", "2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"])
    #expect(result?["capabilities"]?["tools"]?["listChanged"]?.bool == true)
    #expect(result?["resultType"]?.string == "complete")
    #expect(result?["ttlMs"]?.int ?? -1 >= 0)
    #expect(result?["cacheScope"]?.string == "private")
    #expect(
      result?["_meta"]?["io.modelcontextprotocol/serverInfo"]?["name"]?.string == "mcp-gateway")
    await gateway.end()
  }

  @Test func aCallNeedsNoHandshake() async throws {
    let gateway = try await listed()
    let result = try await gateway.stateless("tools/call", Self.echo).last?.result
    #expect(result?["content"]?.elements.first?["text"]?.string == "s")
    #expect(result?["resultType"]?.string == "complete")
    await gateway.end()
  }

  @Test func theServerBehindIsNotNamed() async throws {
    let gateway = try await listed()
    gateway.fleet.make { name, _ in
      let server = FakeServer(name)
      server.on("tools/call") { server, request in
        server.answer(
          request,
          #"{"content":[],"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"inner"},"a":1}}"#)
      }
      return server
    }
    let meta = try await gateway.stateless("tools/call", Self.echo).last?.result?["_meta"]
    #expect(meta?["io.modelcontextprotocol/serverInfo"]?["name"]?.string == "mcp-gateway")
    #expect(meta?["a"]?.int == 1)
    await gateway.end()
  }

  @Test(arguments: ["tools/list", "prompts/list", "resources/list", "resources/templates/list"])
  func listsCarryTheirHints(method: String) async throws {
    let gateway = try await listed()
    let result = try await gateway.stateless(method).last?.result
    #expect(result?["ttlMs"]?.int == 0)
    #expect(result?["cacheScope"]?.string == "private")
    #expect(result?["resultType"]?.string == "complete")
    #expect(try await gateway.stateless(method, #""cursor":"x","#).last?.error?.code == -32602)
    await gateway.end()
  }

  @Test(arguments: [
    ("initialize", -32601), ("ping", -32601), ("logging/setLevel", -32601),
    ("resources/subscribe", -32601), ("tasks/list", -32601),
  ])
  func removedMethodsAreUnknown(method: String, code: Int) {
    #expect { try Stateless.request(method) } throws: { ($0 as? RPCError)?.code == code }
  }

  @Test func anUnservedVersionIsToldWhichAreServed() {
    #expect {
      try Stateless.request("tools/list", meta: Stateless.meta(version: "2031-01-01"))
    } throws: { error in
      let error = error as? RPCError
      return error?.code == -32022 && error?.data?["requested"]?.string == "2031-01-01"
        && error?.data?["supported"]?.elements.first?.string == "2026-07-28"
    }
  }

  @Test func anUnknownLogLevelIsRefused() {
    #expect {
      try Stateless.request(
        "tools/list",
        meta: Stateless.meta(more: #","io.modelcontextprotocol/logLevel":"loud""#))
    } throws: { ($0 as? RPCError)?.code == -32602 }
  }

  @Test(arguments: [
    ("tools/call", #""name":"nothing","#, -32602), ("resources/read", #""uri":"x:y","#, -32602),
    ("nonsense", "", -32601), ("tools/call", "", -32602),
  ])
  func badRequestsGetTheErrorsOfTheEra(method: String, members: String, code: Int) async throws {
    let gateway = try await listed()
    let error = try await gateway.stateless(method, members).last?.error
    #expect(error?.code == code)
    if method == "resources/read" { #expect(error?.data?["uri"]?.string == "x:y") }
    await gateway.end()
  }

  @Test func theHopsMembersAreNotPassedOn() async throws {
    let gateway = try await listed()
    _ = try await gateway.stateless(
      "tools/call", Self.echo, meta: Stateless.meta(more: #","traceparent":"00-1""#))
    let params = gateway.fleet.started.last?.params("tools/call").last
    #expect(params?["_meta"]?.description == #"{"traceparent":"00-1"}"#)
    await gateway.end()
  }

  @Test(arguments: [(nil, []), ("info", ["info", "error"]), ("error", ["error"])])
  func logMessagesComeOnlyAsFarAsTheRequestWantsThem(level: String?, heard: [String]) async throws {
    let gateway = try await listed()
    gateway.fleet.make { name, _ in
      let server = FakeServer(name)
      server.on("tools/call") { server, request in
        for level in ["debug", "info", "error"] {
          server.notify("notifications/message", #"{"level":"\#(level)","data":1}"#)
        }
        server.answer(request, "{}")
      }
      return server
    }
    let more = level.map { #","io.modelcontextprotocol/logLevel":"\#($0)""# } ?? ""
    let messages = try await gateway.stateless(
      "tools/call", Self.echo, meta: Stateless.meta(more: more))
    let levels = messages.compactMap { message -> String? in
      guard case .notification("notifications/message", let params) = message else { return nil }
      return params?["level"]?.string
    }
    #expect(levels == heard)
    await gateway.end()
  }

  @Test func progressComesUnderTheTokenOfTheRequest() async throws {
    let gateway = try await listed()
    gateway.fleet.make { name, _ in
      let server = FakeServer(name)
      server.on("tools/call") { server, request in
        let token = request.params["_meta"]?["progressToken"] ?? .null
        server.notify(
          "notifications/progress", #"{"progressToken":\#(token),"progress":1}"#)
        server.answer(request, "{}")
      }
      return server
    }
    let messages = try await gateway.stateless(
      "tools/call", Self.echo, meta: Stateless.meta(more: #","progressToken":"mine""#))
    guard case .notification("notifications/progress", let params) = messages.first else {
      Issue.record("no progress")
      return
    }
    #expect(params?["progressToken"]?.string == "mine")
    await gateway.end()
  }

  @Test func identitiesNeverShareALongLivedServer() async throws {
    let gateway = try await listed([.fake(isLongLived: true)])
    let listing = gateway.fleet.opens
    for _ in 0..<2 {
      for identity in ["a", "b"] {
        _ = try await gateway.stateless("tools/call", Self.echo, identity: identity)
      }
    }
    #expect(gateway.fleet.opens - listing == 2)
    // What a client can be asked is told to a server once: other capabilities, another instance.
    _ = try await gateway.stateless(
      "tools/call", Self.echo, meta: Stateless.meta(#"{"roots":{}}"#), identity: "a")
    #expect(gateway.fleet.opens - listing == 3)
    await gateway.end()
  }

  @Test func anIdleIdentityLosesItsServers() async throws {
    let gateway = try FakeGateway([.fake(isLongLived: true)], statelessIdle: .milliseconds(200))
    await gateway.list()
    _ = try await gateway.stateless("tools/call", Self.echo)
    #expect(await eventually { gateway.fleet.running.isEmpty })
    _ = try await gateway.stateless("tools/call", Self.echo)
    #expect(!gateway.fleet.running.isEmpty)
    await gateway.end()
  }

  @Test func cancellingTheTaskCancelsTheCall() async throws {
    let gateway = try await listed()
    let hasBegun = Mutex(false)
    gateway.fleet.make { name, _ in
      let server = FakeServer(name)
      server.on("tools/call") { _, _ in hasBegun.withLock { $0 = true } }
      return server
    }
    let exchange = gateway.core.begin(
      try Stateless.request("tools/call", Self.echo), identity: "local")
    let task = Task { await exchange.run { _ in } }
    #expect(await eventually { hasBegun.withLock { $0 } })
    task.cancel()
    #expect(await task.value == nil)
    #expect(await eventually { gateway.fleet.running.isEmpty })
    await gateway.end()
  }
}
