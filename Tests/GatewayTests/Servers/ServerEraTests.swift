import Synchronization
import Testing
import Wire

@testable import Gateway

/// Servers of both eras behind clients of both eras.
@Suite(.timeLimit(.minutes(1)))
struct ServerEraTests {
  private static let echo = #""name":"echo","arguments":{"a":1},"#
  private static let accept = #"{"action":"accept","content":{"x":1}}"#

  /// What a server speaks.
  enum Speech: Sendable { case handshake, stateless, both }

  static func server(_ name: String, speaking speech: Speech) -> FakeServer {
    let server = FakeServer(name)
    if speech != .handshake {
      server.on("server/discover") { server, request in
        server.answer(
          request,
          #"{"supportedVersions":["2026-07-28"],"capabilities":{"tools":{}},"resultType":"complete"}"#
        )
      }
    }
    if speech == .stateless {
      server.on("initialize") { server, request in server.fail(request, -32601) }
    }
    return server
  }

  private func gateway(
    speaking speech: Speech, _ planned: PlannedServer = .fake(),
    _ prepare: @escaping @Sendable (FakeServer) -> Void = { _ in }
  ) async throws -> FakeGateway {
    let gateway = try FakeGateway([planned])
    gateway.fleet.make { name, _ in
      let server = Self.server(name, speaking: speech)
      prepare(server)
      return server
    }
    await gateway.list()
    return gateway
  }

  private func methods(_ server: FakeServer?) -> [String] {
    server?.received.compactMap {
      switch $0 {
      case .request(_, let method, _), .notification(let method, _): method
      default: nil
      }
    } ?? []
  }

  @Test func aServerIsSpokenToInTheEraOfItsClient() async throws {
    let gateway = try await gateway(speaking: .both)
    try await gateway.initialize()
    _ = try await gateway.request("tools/call", #"{"name":"echo"}"#)
    #expect(
      methods(gateway.fleet.started.last)
        == ["initialize", "notifications/initialized", "tools/call"])
    _ = try await gateway.stateless(
      "tools/call", Self.echo, meta: Stateless.meta(#"{"roots":{}}"#))
    let last = gateway.fleet.started.last
    #expect(methods(last) == ["server/discover", "tools/call"])
    let meta = last?.params("tools/call").first?["_meta"]
    #expect(meta?["io.modelcontextprotocol/protocolVersion"]?.string == "2026-07-28")
    #expect(meta?["io.modelcontextprotocol/clientCapabilities"]?.description == #"{"roots":{}}"#)
    #expect(
      meta?["io.modelcontextprotocol/clientInfo"]?["name"]?.string == "docker-mcp-gateway")
    await gateway.end()
  }

  @Test func anOldServerIsProbedOnce() async throws {
    let gateway = try await gateway(speaking: .handshake)
    for _ in 0..<3 { _ = try await gateway.stateless("tools/call", Self.echo) }
    let probes = gateway.fleet.started.map { $0.count("server/discover") }
    #expect(probes == [0, 1, 0, 0], "the first is the listing")
    #expect(gateway.fleet.started.allSatisfy { $0.count("initialize") == 1 })
    await gateway.end()
  }

  @Test func aServerOfTheNewEraAloneServesOldClients() async throws {
    let gateway = try await gateway(speaking: .stateless)
    try await gateway.initialize()
    for _ in 0..<2 {
      let result = try await gateway.request("tools/call", #"{"name":"echo"}"#).last?.result
      #expect(result?["content"]?.elements.first?["text"]?.string == "s")
      #expect(result?["resultType"] == nil)
    }
    #expect(gateway.fleet.started.map { $0.count("initialize") } == [1, 0, 0])
    await gateway.end()
  }

  @Test func aServerThatEndsAtTheProbeIsStartedAgain() async throws {
    let gateway = try await gateway(speaking: .handshake) { server in
      server.on("server/discover") { server, _ in server.crash() }
    }
    let result = try await gateway.stateless("tools/call", Self.echo).last?.result
    #expect(result?["content"] != nil)
    #expect(gateway.fleet.opens == 3)
    await gateway.end()
  }

  @Test func silenceMeansTheOldEra() async throws {
    let fleet = FakeFleet()
    fleet.make { name, _ in
      let server = FakeServer(name)
      server.on("server/discover") { _, _ in }
      return server
    }
    let starter = fleet.starter(timeout: .seconds(4))
    let live = try await starter.start(
      .fake(), session: nil, for: Tenant(capabilities: .none, era: .stateless, ask: nil))
    #expect(live.hello.revision == .handshake(.november2025))
    #expect(fleet.opens == 1)
    await live.close()
  }

  @Test func aSlowServerOfTheNewEraIsFoundOut() async throws {
    let fleet = FakeFleet()
    fleet.make { name, _ in
      let server = FakeServer(name)
      let probes = Mutex(0)
      server.on("server/discover") { server, request in
        // The first answer comes too late to be seen.
        guard
          probes.withLock({
            $0 += 1
            return $0
          }) > 1
        else { return }
        server.answer(request, #"{"supportedVersions":["2026-07-28"],"capabilities":{}}"#)
      }
      server.on("initialize") { server, request in server.fail(request, -32022) }
      return server
    }
    let live = try await fleet.starter(timeout: .seconds(4)).start(
      .fake(), session: nil, for: Tenant(capabilities: .none, era: .stateless, ask: nil))
    #expect(live.hello.revision == .stateless(.july2026))
    await live.close()
  }

  @Test(arguments: [
    (ProtocolEra.handshake, ProtocolEra.stateless, "initialize"),
    (.stateless, .handshake, "server/discover"),
  ])
  func aPinnedEraIsTheOnlyOne(pin: ProtocolEra, client: ProtocolEra, opening: String) async throws {
    let fleet = FakeFleet()
    fleet.make { name, _ in Self.server(name, speaking: .both) }
    let live = try await fleet.starter().start(
      .fake(era: pin), session: nil, for: Tenant(capabilities: .none, era: client, ask: nil))
    #expect(methods(fleet.started.first).first == opening)
    await live.close()
  }

  @Test func aServerThatSpeaksNeitherSaysWhy() async throws {
    let fleet = FakeFleet()
    fleet.make { name, _ in
      let server = FakeServer(name)
      server.on("initialize") { server, request in server.fail(request, -32000, "no licence") }
      return server
    }
    for era in ProtocolEra.allCases {
      await #expect {
        try await fleet.starter().start(
          .fake(), session: nil, for: Tenant(capabilities: .none, era: era, ask: nil))
      } throws: { error in
        let fault = error as? Fault
        return fault?.kind == .serverStart && fault?.message.contains("-32000") == true
      }
    }
    #expect(fleet.running.isEmpty)
  }

  // MARK: Input

  /// A tool that needs `rounds` answers, one at a time, and keeps its state with its client.
  private static func curious(_ server: FakeServer, rounds: Int = 1) {
    server.on("tools/call") { server, request in
      let round = request.params["requestState"]?.string.flatMap { Int($0) } ?? 0
      guard round < rounds else {
        let answers = request.params["inputResponses"] ?? .null
        return server.answer(
          request, #"{"resultType":"complete","content":[],"heard":\#(answers)}"#)
      }
      server.answer(
        request,
        #"""
        {"resultType":"input_required","requestState":"\#(round + 1)","inputRequests":{"who":\#
        {"method":"elicitation/create","params":{"message":"Who?","requestedSchema":{}}}}}
        """#)
    }
  }

  @Test func inputBecomesARequestForAClientOfTheOldEra() async throws {
    let trail = Trail()
    let gateway = try FakeGateway(journals: [trail])
    gateway.fleet.make { name, _ in
      let server = Self.server(name, speaking: .stateless)
      Self.curious(server, rounds: 2)
      return server
    }
    await gateway.list()
    _ = try await gateway.send(
      #"""
      {"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25",\#
      "capabilities":{"elicitation":{}}}}
      """#)
    let call = try Message(
      Array(#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo"}}"#.utf8))
    guard case .work(let exchange) = gateway.session.begin(call) else {
      Issue.record("no work")
      return
    }
    let session = gateway.session
    let asked = Mutex<[String]>([])
    let answer = await exchange.run { message in
      guard case .request(let id, _, let params) = message else { return }
      asked.withLock { $0.append(params?["message"]?.string ?? "") }
      let reply = try? JSONText(validating: Self.accept)
      _ = session.begin(.result(id: id, reply ?? .null))
    }
    #expect(asked.withLock { $0 } == ["Who?", "Who?"])
    #expect(answer?.result?["heard"]?["who"]?.description == Self.accept)
    #expect(
      trail.all == ["began", "asked elicitation/create", "asked elicitation/create", "ended"])
    await gateway.end()
  }

  /// No person has seen what it answers, and no stage of the pipeline has judged it as an answer.
  @Test func aClientOfTheOldEraAnswersOnlyWhatIsAsked() async throws {
    let gateway = try FakeGateway()
    gateway.fleet.make { name, _ in
      let server = Self.server(name, speaking: .stateless)
      server.on("tools/call") { server, request in
        let hasAnswer =
          request.params["inputResponses"] != nil || request.params["requestState"] != nil
        server.answer(
          request, #"{"resultType":"complete","content":[],"isError":\#(hasAnswer)}"#)
      }
      return server
    }
    await gateway.list()
    _ = try await gateway.send(
      #"""
      {"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25",\#
      "capabilities":{}}}
      """#)
    let result = try await gateway.request(
      "tools/call",
      #"""
      {"name":"echo","requestState":"1","inputResponses":{"who":{"action":"accept"}}}
      """#
    ).last?.result
    #expect(result?["isError"]?.bool == false)
    await gateway.end()
  }

  @Test func inputReachesAClientOfTheNewEraUnderItsOwnKey() async throws {
    let gateway = try await gateway(speaking: .both) { Self.curious($0) }
    let meta = Stateless.meta(#"{"elicitation":{}}"#)
    let first = try await gateway.stateless("tools/call", Self.echo, meta: meta).last?.result
    #expect(first?["resultType"]?.string == "input_required")
    #expect(first?["inputRequests"]?["who"]?["method"]?.string == "elicitation/create")
    #expect(first?["requestState"]?.string != "1", "the server's own state is not shown")
    let last = try await gateway.stateless(
      "tools/call", InputRoundsTests.answering(first, Self.accept), meta: meta
    ).last?.result
    #expect(last?["heard"]?["who"]?.description == Self.accept)
    #expect(last?["resultType"]?.string == "complete")
    let calls = gateway.fleet.started.flatMap { $0.params("tools/call") }
    #expect(calls.map { $0["requestState"]?.string } == [nil, "1"])
    #expect(calls.last?["arguments"]?.description == #"{"a":1}"#)
    await gateway.end()
  }

  @Test func aServerThatOnlyAsksForPatienceIsAskedAgain() async throws {
    let gateway = try await gateway(speaking: .both) { server in
      server.on("tools/call") { server, request in
        let isBack = request.params["requestState"] != nil
        server.answer(
          request,
          isBack ? "{}" : #"{"resultType":"input_required","requestState":"later"}"#)
      }
    }
    let result = try await gateway.stateless("tools/call", Self.echo).last?.result
    #expect(result?["resultType"]?.string == "complete")
    await gateway.end()
  }

  @Test(arguments: [
    (#"{"resultType":"task"}"#, "type task"), (#"{"resultType":7}"#, "type 7"),
    (#"{"resultType":"input_required"}"#, "without saying which"),
    (#"{"resultType":"input_required","requestState":7}"#, "without saying which"),
    (#"{"resultType":"input_required","inputRequests":{"a":{"method":"ping"}}}"#, "unknown kind"),
    (#"{"resultType":"input_required","inputRequests":{"a":{"method":"roots/list"}}}"#, "declare"),
    (#"{"resultType":"input_required","requestState":"again"}"#, "more than 10 times"),
  ])
  func resultsThatCannotBeAreFaults(result: String, words: String) async throws {
    let gateway = try await gateway(speaking: .both) { server in
      server.on("tools/call") { server, request in server.answer(request, result) }
    }
    let answer = try await gateway.stateless("tools/call", Self.echo).last?.result
    #expect(answer?["isError"]?.bool == true)
    #expect(
      answer?["_meta"]?["mcp-gateway/fault"]?["kind"]?.string == "protocol_violation")
    #expect(answer?["content"]?.description.contains(words) == true)
    await gateway.end()
  }

  @Test(arguments: [(-32020, -32603), (-32022, -32603), (-32021, -32021), (-32050, -32050)])
  func errorsAboutOurHopAreNotTheClients(code: Int, seen: Int) async throws {
    let gateway = try await gateway(speaking: .both) { server in
      server.on("tools/call") { server, request in server.fail(request, code) }
    }
    #expect(try await gateway.stateless("tools/call", Self.echo).last?.error?.code == seen)
    await gateway.end()
  }

  @Test func structuredContentThatOldClientsDoNotKnowIsLeftOut() async throws {
    let gateway = try await gateway(speaking: .stateless) { server in
      server.on("tools/call") { server, request in
        server.answer(request, #"{"content":[],"structuredContent":[1],"ttlMs":5}"#)
      }
    }
    try await gateway.initialize()
    let old = try await gateway.request("tools/call", #"{"name":"echo"}"#).last?.result
    #expect(old?.description == #"{"content":[]}"#)
    let new = try await gateway.stateless("tools/call", Self.echo).last?.result
    #expect(new?["structuredContent"]?.description == "[1]")
    await gateway.end()
  }

  @Test func requestsOfAServerOfTheNewEraAreDeclined() async throws {
    let gateway = try await gateway(speaking: .both) { server in
      server.on("tools/call") { server, request in
        let reply = await server.ask("roots/list")
        server.answer(request, #"{"content":[],"code":\#(reply?.error?.code ?? 0)}"#)
      }
    }
    let result = try await gateway.stateless(
      "tools/call", Self.echo, meta: Stateless.meta(#"{"roots":{}}"#)
    ).last?.result
    #expect(result?["code"]?.int == -32601)
    await gateway.end()
  }
}
