import Synchronization
import Testing
import Wire

@testable import Gateway

@Suite(.timeLimit(.minutes(1)))
struct GatewaySessionTests {
  private static let echo = #"{"name":"echo","arguments":{}}"#

  private func ready(_ servers: [PlannedServer] = [.fake()]) async throws -> FakeGateway {
    let gateway = try FakeGateway(servers)
    await gateway.list()
    try await gateway.initialize()
    return gateway
  }

  @Test(arguments: [
    ("2024-11-05", "2024-11-05"), ("2025-03-26", "2025-03-26"), ("2025-06-18", "2025-06-18"),
    ("2025-11-25", "2025-11-25"), ("2026-07-28", "2025-11-25"), ("1.0", "2025-11-25"),
    ("", "2025-11-25"),
  ])
  func versionsAreNegotiated(asked: String, given: String) async throws {
    let gateway = try FakeGateway()
    #expect(try await gateway.initialize(asked)?.result?["protocolVersion"]?.string == given)
    await gateway.end()
  }

  @Test func aHandshakeComesOnceAndFirst() async throws {
    let gateway = try FakeGateway()
    #expect(try await gateway.request("tools/list").last?.error?.code == -32600)
    #expect(try await gateway.request("ping").last?.result == .emptyObject)
    #expect(try await gateway.request("initialize").last?.error?.code == -32602)
    #expect(
      try await gateway.request("initialize", #"{"protocolVersion":1}"#).last?.error?.code == -32602
    )
    #expect(try await gateway.initialize()?.result != nil)
    #expect(try await gateway.initialize()?.error?.code == -32600)
    gateway.core.markListed()
    #expect(try await gateway.request("tools/list").last?.result != nil)
    await gateway.end()
    #expect(try await gateway.request("tools/list").last?.error?.code == -32600)
  }

  @Test(arguments: [
    ("resources/subscribe", "{}", -32602), ("nonsense", "{}", -32601),
    ("resources/subscribe", #"{"uri":"x:y"}"#, -32002),
    ("resources/unsubscribe", #"{"uri":"x:y"}"#, -32602),
    ("tools/call", #"{"name":"echo","_meta":{"progressToken":1.5}}"#, -32602),
    ("tools/list", #"{"cursor":"x"}"#, -32602), ("tools/list", #"{"cursor":""}"#, -32602),
    ("logging/setLevel", #"{"level":"loud"}"#, -32602), ("logging/setLevel", "{}", -32602),
    ("tools/call", "{}", -32602), ("tools/call", #"{"name":"nothing"}"#, -32602),
    ("tools/call", #"{"name":"echo","arguments":[]}"#, -32602),
    ("resources/read", #"{"uri":"x:y"}"#, -32002), ("prompts/get", #"{"name":"p"}"#, -32602),
    ("completion/complete", #"{"ref":{"type":"x"}}"#, -32602),
  ])
  func badRequestsGetTheErrorsOfTheProtocol(
    method: String, params: String, code: Int
  ) async throws {
    let gateway = try await ready()
    #expect(try await gateway.request(method, params).last?.error?.code == code)
    await gateway.end()
  }

  @Test(arguments: ["0", "-7", "9007199254740993", #""""#, #""17""#])
  func idsComeBackAsTheyWere(id: String) async throws {
    let gateway = try await ready()
    let answer = try await gateway.request("tools/call", Self.echo, id: id).last
    guard case .result(let given, _) = answer else {
      Issue.record("no result")
      return
    }
    #expect(given.text.description == id)
    await gateway.end()
  }

  @Test func anIdInFlightIsRefusedAndFreeAgainAfterTheAnswer() async throws {
    let gateway = try await ready()
    gateway.fleet.make { name, _ in
      let server = FakeServer(name)
      server.on("tools/call") { server, request in
        try? await Task.sleep(for: .milliseconds(300))
        server.answer(request, "{}")
      }
      return server
    }
    let first = Task { try await gateway.request("tools/call", Self.echo, id: "5") }
    try await Task.sleep(for: .milliseconds(50))
    #expect(try await gateway.request("tools/call", Self.echo, id: "5").last?.error?.code == -32600)
    #expect(try await first.value.last?.result != nil)
    #expect(try await gateway.request("tools/list", id: "5").last?.result != nil)
    await gateway.end()
  }

  @Test func aRequestThatTheTransportDropsGivesItsIdBack() async throws {
    let gateway = try await ready()
    for _ in 0..<(SessionState.mostInFlight + 1) {
      let message = try Message(
        Array(#"{"jsonrpc":"2.0","id":9,"method":"tools/list","params":{}}"#.utf8))
      guard case .work = gateway.session.begin(message) else {
        Issue.record("refused")
        break
      }
    }
    await gateway.end()
  }

  @Test func aCancelledCallGetsNoAnswerAndTheServerIsTold() async throws {
    let gateway = try await ready([.fake(isLongLived: true)])
    gateway.fleet.make { name, _ in
      let server = FakeServer(name)
      server.on("tools/call") { _, _ in }
      return server
    }
    let call = Task { try await gateway.request("tools/call", Self.echo, id: #""a""#) }
    #expect(await eventually { gateway.fleet.started.last?.count("tools/call") == 1 })
    try await Task.sleep(for: .milliseconds(30))
    _ = try await gateway.send(
      #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"b"}}"#)
    _ = try await gateway.send(
      #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"a"}}"#)
    #expect(try await call.value.isEmpty)
    #expect(await eventually { gateway.fleet.started.last?.count("notifications/cancelled") == 1 })
    await gateway.end()
  }

  @Test(arguments: ["7", #""seven""#])
  func progressComesBackUnderTheClientsToken(token: String) async throws {
    let gateway = try await ready()
    gateway.fleet.make { name, _ in
      let server = FakeServer(name)
      server.on("tools/call") { server, request in
        let own = request.params["_meta"]?["progressToken"]?.description ?? "0"
        #expect(own == "2")
        #expect(request.params["_meta"]?["x"]?.int == 1)
        server.notify("notifications/progress", #"{"progressToken":\#(own),"progress":0.5}"#)
        server.notify("notifications/progress", #"{"progressToken":99,"progress":0.6}"#)
        server.answer(request, "{}")
      }
      return server
    }
    let messages = try await gateway.request(
      "tools/call", #"{"name":"echo","_meta":{"x":1,"progressToken":\#(token)}}"#)
    #expect(messages.count == 2)
    #expect(
      messages.first
        == .notification(
          method: "notifications/progress",
          params: try JSONText(validating: #"{"progressToken":\#(token),"progress":0.5}"#)))
    await gateway.end()
  }

  @Test func whatAClientSaysOfItsOwnHopStaysThere() async throws {
    let gateway = try await ready()
    _ = try await gateway.request(
      "tools/call",
      #"""
      {"name":"echo","_meta":{"a":1.0,"io.modelcontextprotocol/protocolVersion":"2026-07-28",\#
      "io.modelcontextprotocol/clientCapabilities":{},"traceparent":"t"}}
      """#)
    #expect(
      gateway.fleet.started.last?.params("tools/call").first?.description
        == #"{"name":"echo","_meta":{"a":1.0,"traceparent":"t"}}"#)
    await gateway.end()
  }

  @Test func theClientSaysHowMuchItWantsToHear() async throws {
    let gateway = try await ready()
    gateway.fleet.make { name, _ in
      let server = FakeServer(name)
      server.on("tools/call") { server, request in
        for level in ["debug", "warning", "loud"] {
          server.notify("notifications/message", #"{"level":"\#(level)","data":1}"#)
        }
        server.answer(request, "{}")
      }
      return server
    }
    #expect(try await gateway.request("tools/call", Self.echo).count == 3)
    #expect(
      try await gateway.request("logging/setLevel", #"{"level":"info"}"#).last?.result != nil)
    #expect(try await gateway.request("tools/call", Self.echo).count == 2)
    await gateway.end()
  }

  @Test func notificationsAndDescriptionsWithSecretsAreHeldBack() async throws {
    let gateway = try FakeGateway()
    gateway.fleet.make { name, _ in
      let server = FakeServer(name)
      server.on("tools/list") { $0.answer($1, tools: ["echo", FakeGateway.secret]) }
      server.on("tools/call") { server, request in
        server.notify(
          "notifications/message", #"{"level":"error","data":"\#(FakeGateway.secret)"}"#)
        server.answer(request, "{}")
      }
      return server
    }
    await gateway.list()
    try await gateway.initialize()
    #expect(try await gateway.request("tools/call", Self.echo).count == 1)
    let tools = try await gateway.request("tools/list").last?.result?["tools"]?.elements
    #expect(tools?.compactMap { $0["name"]?.string } == ["echo"])
    await gateway.end()
    #expect(!gateway.lines.all.isEmpty)
    #expect(!gateway.lines.all.contains { $0.contains(FakeGateway.secret) })
  }

  @Test func whatAFailingServerSaysIsScanned() async throws {
    let gateway = try await ready()
    gateway.fleet.make { name, _ in
      let server = FakeServer(name)
      server.on("initialize") { server, _ in server.crash(saying: "token \(FakeGateway.secret)") }
      return server
    }
    let result = try await gateway.request("tools/call", Self.echo).last?.result
    #expect(result?["isError"]?.bool == true)
    #expect(result?.description.contains(FakeGateway.secret) == false)
    await gateway.end()
  }

  @Test func aRefusalIsAResultForToolsAndAnErrorForOtherRequests() async throws {
    let gateway = try FakeGateway()
    gateway.fleet.make { name, _ in
      let server = FakeServer(name, capabilities: #"{"tools":{},"prompts":{}}"#)
      server.on("prompts/list") { $0.answer($1, #"{"prompts":[{"name":"p"}]}"#) }
      return server
    }
    await gateway.list()
    try await gateway.initialize()
    let arguments = #""arguments":{"x":"\#(FakeGateway.secret)"}"#
    let tool = try await gateway.request("tools/call", #"{"name":"echo",\#(arguments)}"#).last
    #expect(tool?.result?["isError"]?.bool == true)
    let prompt = try await gateway.request("prompts/get", #"{"name":"p",\#(arguments)}"#).last
    #expect(prompt?.error != nil)
    await gateway.end()
  }

  @Test func endingASessionCancelsItsCallsAndEndsItsServers() async throws {
    let gateway = try await ready([.fake("a", isLongLived: true), .fake("b")])
    gateway.fleet.make { name, _ in
      let server = FakeServer(name)
      server.on("tools/call") { _, _ in }
      return server
    }
    let calls = ["a__echo", "b__echo"].enumerated().map { number, name in
      Task { try await gateway.request("tools/call", #"{"name":"\#(name)"}"#, id: "\(number)") }
    }
    #expect(await eventually { gateway.fleet.running.count { $0.count("tools/call") == 1 } == 2 })
    await gateway.session.end()
    for call in calls { #expect(try await call.value.isEmpty) }
    await gateway.session.end()
    await gateway.end()
  }

  @Test func aServerThatAnnouncesChangesWithoutEndCostsLittle() async throws {
    let gateway = try await ready([.fake(isLongLived: true)])
    gateway.fleet.make { name, _ in
      let server = FakeServer(name)
      server.on("tools/list") { server, request in
        server.answer(request, tools: ["echo", "t\(server.count("tools/list"))"])
        server.notify("notifications/tools/list_changed")
      }
      return server
    }
    let unsolicited = gateway.session.unsolicited
    _ = try await gateway.request("tools/call", Self.echo)
    gateway.fleet.started.last?.notify("notifications/tools/list_changed")
    try await Task.sleep(for: .seconds(2))
    // 100, 200, 400, 800 ms and so on.
    #expect((2...5).contains(gateway.fleet.started.last?.count("tools/list") ?? 0))
    await gateway.end()
    var announced = 0
    for await message in unsolicited
    where message.isNotification("notifications/tools/list_changed") { announced += 1 }
    #expect((2...6).contains(announced))
  }

  @Test func thePauseBeforeRelistingGrowsAndStartsAnewAfterQuiet() {
    var pause = RelistPause()
    var now = ContinuousClock.now
    let given = (0..<9).map { _ in
      let next = pause.take(now: now)
      now += next + .milliseconds(20)
      return next
    }
    #expect(given.prefix(3) == [.milliseconds(100), .milliseconds(200), .milliseconds(400)])
    #expect(given.suffix(2) == [.seconds(10), .seconds(10)])
    #expect(pause.take(now: now + .seconds(11)) == RelistPause.shortest)
  }

  @Test func whatAnInstanceListedIsOverWithIt() async throws {
    let gateway = try await ready([.fake(isLongLived: true)])
    @Sendable func tools() async throws -> [String] {
      try await gateway.request("tools/list").last?.result?["tools"]?.elements
        .compactMap { $0["name"]?.string } ?? []
    }
    _ = try await gateway.request("tools/call", Self.echo)
    let server = try #require(gateway.fleet.started.last)
    server.on("tools/list") { $0.answer($1, tools: ["echo", "more"]) }
    server.notify("notifications/tools/list_changed")
    #expect(await eventually { (try? await tools()) == ["echo", "more"] })
    server.crash()
    #expect(await eventually { (try? await tools()) == ["echo"] })
    await gateway.end()
  }

  /// A remote server that has forgotten the session says so before it does anything.
  @Test func aCallThatMeetsALostSessionIsMadeAgainInANewOne() async throws {
    let gateway = try await ready([.fake(isLongLived: true)])
    let starts = Counter()
    gateway.fleet.make { name, _ in
      let server = FakeServer(name)
      starts.add()
      let isLost = starts.value < 3
      server.on("tools/call") { server, request in
        if isLost { server.forget(request) } else { server.answer(request, #"{"content":[]}"#) }
      }
      return server
    }
    let lost = try await gateway.request("tools/call", Self.echo)
    #expect(starts.value == 2, "once, not for ever")
    #expect(lost.last?.result?["isError"]?.bool == true)
    let found = try await gateway.request("tools/call", Self.echo)
    #expect(starts.value == 3)
    #expect(found.last?.result?["isError"] == nil)
    await gateway.end()
  }

  @Test func aCallOfAServerThatCrashesIsNotMadeAgain() async throws {
    let gateway = try await ready([.fake(isLongLived: true)])
    let calls = Counter()
    gateway.fleet.make { name, _ in
      let server = FakeServer(name)
      server.on("tools/call") { server, _ in
        calls.add()
        server.crash()
      }
      return server
    }
    _ = try await gateway.request("tools/call", Self.echo)
    #expect(calls.value == 1)
    await gateway.end()
  }

  @Test func nothingIsAnnouncedBeforeInitialize() async throws {
    let gateway = try FakeGateway()
    gateway.core.markListed()
    await gateway.list()
    try await gateway.initialize()
    gateway.core.update(.fake(), nil)
    await gateway.end()
    var announced = 0
    for await message in gateway.session.unsolicited
    where message.isNotification("notifications/tools/list_changed") { announced += 1 }
    #expect(announced <= 1)
  }
}
