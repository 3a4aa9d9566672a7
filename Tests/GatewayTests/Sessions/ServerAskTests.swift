import Interceptors
import Synchronization
import Testing
import Wire

@testable import Gateway

/// What servers ask of clients: it reaches the client whose call caused it, and nobody else.
@Suite(.timeLimit(.minutes(1)))
struct ServerAskTests {
  private static let everything =
    #"{"sampling":{"tools":{}},"elicitation":{"form":{},"url":{}},"roots":{"listChanged":true}}"#
  private static let form =
    #"{"message":"Who?","requestedSchema":{"type":"object","properties":{}}}"#

  /// A server that asks `method` during each call and gives back what it hears.
  private static func curious(
    _ name: String, _ method: String = "elicitation/create", _ params: String = form
  ) -> FakeServer {
    let server = FakeServer(name)
    server.on("tools/call") { server, request in
      let reply = await server.ask(method, params)
      switch reply {
      case .result(_, let answer)?: server.answer(request, #"{"content":[],"heard":\#(answer)}"#)
      case .failure(_, let error)?:
        server.answer(request, #"{"content":[],"heard":\#(error.text)}"#)
      default: server.answer(request, #"{"content":[],"heard":null}"#)
      }
    }
    return server
  }

  private func ready(
    _ capabilities: String = everything, version: String = "2025-11-25",
    servers: [PlannedServer] = [.fake()], journals: [any CallJournal] = []
  ) async throws -> FakeGateway {
    let gateway = try FakeGateway(servers, journals: journals)
    await gateway.list()
    _ = try await gateway.send(
      #"""
      {"jsonrpc":"2.0","id":0,"method":"initialize","params":\#
      {"protocolVersion":"\#(version)","capabilities":\#(capabilities)}}
      """#)
    return gateway
  }

  /// Calls `echo` and answers what is asked meanwhile with `reply`; the call's result.
  private func call(
    _ gateway: FakeGateway, tool: String = "echo",
    replying reply: @escaping @Sendable (RequestID, JSONText) -> Message
  ) async throws -> (asked: [Message], result: JSONText?) {
    let session = gateway.session
    let asked = Mutex<[Message]>([])
    let message = try Message(
      Array(#"{"jsonrpc":"2.0","id":"c","method":"tools/call","params":{"name":"\#(tool)"}}"#.utf8))
    guard case .work(let exchange) = session.begin(message) else { return ([], nil) }
    let answer = await exchange.run { message in
      asked.withLock { $0.append(message) }
      if case .request(let id, _, let params) = message {
        _ = session.begin(reply(id, params ?? .emptyObject))
      }
    }
    return (asked.withLock { $0 }, answer?.result)
  }

  private static func accept(_ id: RequestID, _: JSONText) -> Message {
    .result(id: id, JSONText(object: [("action", JSONText(string: "accept"))]))
  }

  @Test(arguments: [false, true])
  func anAskReachesTheClientOfItsCallAndTheAnswerItsServer(isLongLived: Bool) async throws {
    let gateway = try await ready(servers: [.fake(isLongLived: isLongLived)])
    gateway.fleet.make { name, _ in Self.curious(name) }
    let (asked, result) = try await call(gateway, replying: Self.accept)
    #expect(result?["heard"]?["action"]?.string == "accept")
    guard case .request(_, "elicitation/create", let params)? = asked.first else {
      Issue.record("nothing was asked")
      return
    }
    #expect(params?.description == Self.form)
    await gateway.end()
  }

  @Test func whereThereAreSeveralServersTheTextSaysWhichOneAsks() async throws {
    let gateway = try await ready(servers: [.fake("s"), .fake("t")])
    gateway.fleet.make { name, _ in Self.curious(name) }
    let (asked, _) = try await call(gateway, tool: "t__echo", replying: Self.accept)
    guard case .request(_, _, let params?)? = asked.first else {
      Issue.record("nothing was asked")
      return
    }
    #expect(params["message"]?.string == "[t] Who?")
    #expect(params["requestedSchema"]?["type"]?.string == "object")
    await gateway.end()
  }

  @Test func anErrorOfTheClientReachesTheServer() async throws {
    let gateway = try await ready()
    gateway.fleet.make { name, _ in Self.curious(name, "sampling/createMessage", "{}") }
    let (_, result) = try await call(gateway) { id, _ in
      .failure(id: id, RPCError(code: -1, message: "no model"))
    }
    #expect(result?["heard"]?["code"]?.int == -1)
    await gateway.end()
  }

  @Test(arguments: [
    ("{}", "2025-11-25", "roots/list", "{}", -32601),
    ("{}", "2025-11-25", "elicitation/create", form, -32601),
    ("{}", "2025-11-25", "sampling/createMessage", "{}", -32601),
    (everything, "2025-03-26", "elicitation/create", form, -32601),
    (everything, "2025-06-18", "elicitation/create", #"{"mode":"url"}"#, -32602),
    (everything, "2025-11-25", "elicitation/create", #"{"mode":"telepathy"}"#, -32602),
    (everything, "2025-06-18", "sampling/createMessage", #"{"tools":[]}"#, -32602),
    (#"{"elicitation":{"url":{}}}"#, "2025-11-25", "elicitation/create", form, -32602),
    (#"{"elicitation":{}}"#, "2025-11-25", "elicitation/create", #"{"mode":"url"}"#, -32602),
    (everything, "2025-11-25", "sampling/unheardOf", "{}", -32601),
  ])
  func whatTheClientDidNotDeclareIsDeclined(
    capabilities: String, version: String, method: String, params: String, code: Int
  ) async throws {
    let gateway = try await ready(capabilities, version: version)
    gateway.fleet.make { name, _ in Self.curious(name, method, params) }
    let (asked, result) = try await call(gateway, replying: Self.accept)
    #expect(asked.isEmpty)
    #expect(result?["heard"]?["code"]?.int == code)
    await gateway.end()
  }

  @Test(arguments: [
    ("{}", "2025-11-25", "{}"), (everything, "2025-11-25", everything),
    (everything, "2025-06-18", #"{"sampling":{},"elicitation":{},"roots":{"listChanged":true}}"#),
    (everything, "2024-11-05", #"{"sampling":{},"roots":{"listChanged":true}}"#),
  ])
  func aServerIsToldWhatItsClientDeclared(
    capabilities: String, version: String, expected: String
  ) async throws {
    let gateway = try await ready(capabilities, version: version)
    _ = try await call(gateway, replying: Self.accept)
    let told = gateway.fleet.started.last?.params("initialize").first?["capabilities"]
    #expect(told?.description == expected)
    // While it was listed there was no client.
    #expect(
      gateway.fleet.started.first?.params("initialize").first?["capabilities"] == .emptyObject)
    await gateway.end()
  }

  @Test func anotherClientHearsNothingAndCannotAnswer() async throws {
    let gateway = try await ready(servers: [.fake(isLongLived: true)])
    gateway.fleet.make { name, _ in Self.curious(name) }
    let other = try gateway.core.open(identity: "local")
    _ = other.begin(
      try Message(
        Array(
          #"""
          {"jsonrpc":"2.0","id":0,"method":"initialize","params":\#
          {"protocolVersion":"2025-11-25","capabilities":\#(Self.everything)}}
          """#.utf8)))
    let heard = Mutex(0)
    let listening = Task {
      for await message in other.unsolicited {
        if case .request = message { heard.withLock { $0 += 1 } }
      }
    }
    let (_, result) = try await call(gateway) { id, _ in
      _ = other.begin(.result(id: id, JSONText(object: [("action", JSONText(string: "cancel"))])))
      return Self.accept(id, .emptyObject)
    }
    #expect(result?["heard"]?["action"]?.string == "accept")
    await other.end()
    await listening.value
    #expect(heard.withLock { $0 } == 0)
    await gateway.end()
  }

  @Test func secretsCrossInNeitherDirection() async throws {
    let gateway = try await ready()
    gateway.fleet.make { name, number in
      number == 1
        ? Self.curious(name, "elicitation/create", #"{"message":"\#(FakeGateway.secret)"}"#)
        : Self.curious(name)
    }
    let (asked, refused) = try await call(gateway, replying: Self.accept)
    #expect(asked.isEmpty)
    #expect(refused?["heard"]?["code"]?.int == -31003)
    let (_, result) = try await call(gateway) { id, _ in
      let content = JSONText(object: [("name", JSONText(string: FakeGateway.secret))])
      return .result(
        id: id, JSONText(object: [("action", JSONText(string: "accept")), ("content", content)]))
    }
    #expect(result?["heard"]?["code"]?.int == -31003)
    #expect(result?.description.contains(FakeGateway.secret) == false)
    await gateway.end()
  }

  @Test(arguments: [
    (#"{"action":"accept","content":{"a":"x","b":1.5,"c":true,"d":["y"]}}"#, nil),
    (#"{"action":"decline"}"#, nil), (#"{"action":"agree"}"#, -32603), ("{}", -32603),
    (#"{"action":"accept","content":[]}"#, -32603),
    (#"{"action":"accept","content":{"a":{}}}"#, -32603),
    (#"{"action":"accept","content":{"a":[1]}}"#, -32603),
  ])
  func anAnswerThatIsNoneDoesNotReachTheServer(answer: String, code: Int?) async throws {
    let gateway = try await ready()
    gateway.fleet.make { name, _ in Self.curious(name) }
    let text = try JSONText(validating: answer)
    let (_, result) = try await call(gateway) { id, _ in .result(id: id, text) }
    #expect(result?["heard"]?["code"]?.int == code)
    if code == nil { #expect(result?["heard"] == text) }
    await gateway.end()
  }

  @Test(arguments: [
    ("password", "x", -31003), ("x", "API key", -31003), ("githubToken", "x", nil),
    ("github_access_token", "x", -31003), ("pin", "x", -31003), ("pinned", "Spin", nil),
  ])
  func aFormThatAsksForASecretIsNotShown(name: String, title: String, code: Int?) async throws {
    let gateway = try await ready()
    let form =
      #"{"message":"?","requestedSchema":{"properties":{"\#(name)":{"title":"\#(title)"}}}}"#
    gateway.fleet.make { server, _ in Self.curious(server, "elicitation/create", form) }
    let (asked, result) = try await call(gateway, replying: Self.accept)
    #expect(asked.isEmpty == (code != nil))
    #expect(result?["heard"]?["code"]?.int == code)
    await gateway.end()
  }

  private final class Records: CallJournal {
    let all = Mutex<[AskRecord]>([])
    func began(_ call: Call) {}
    func ended(_ call: Call, _ trail: CallTrail, _ outcome: CallOutcome) {}
    func asked(_ record: AskRecord) { all.withLock { $0.append(record) } }
  }

  @Test func anAskIsAnEventOfItsCall() async throws {
    let records = Records()
    let gateway = try await ready(journals: [records])
    gateway.fleet.make { name, _ in Self.curious(name) }
    _ = try await call(gateway, replying: Self.accept)
    let record = try #require(records.all.withLock { $0 }.first)
    #expect(record.ask.method == .elicit)
    #expect(record.call?.target == "echo")
    #expect(record.caller.identity == "local")
    guard case .succeeded(let answer) = record.outcome else {
      Issue.record("\(record.outcome)")
      return
    }
    #expect(answer.text.count == 19)
    await gateway.end()
  }

  @Test func aCancelledCallWithdrawsItsAsk() async throws {
    let gateway = try await ready(servers: [.fake(isLongLived: true)])
    let reply = Mutex<Message?>(nil)
    gateway.fleet.make { name, _ in
      let server = FakeServer(name)
      server.on("tools/call") { server, _ in
        let answer = await server.ask("elicitation/create", Self.form)
        reply.withLock { $0 = answer }
      }
      return server
    }
    let withdrawn = Mutex<[JSONText]>([])
    let listening = Task { [session = gateway.session] in
      for await message in session.unsolicited {
        if case .notification("notifications/cancelled", let params?) = message {
          withdrawn.withLock { $0.append(params) }
        }
      }
    }
    let asked = Mutex<RequestID?>(nil)
    let (_, result) = try await call(gateway) { id, _ in
      asked.withLock { $0 = id }
      return .notification(
        method: "notifications/cancelled",
        params: JSONText(object: [("requestId", JSONText(string: "c"))]))
    }
    #expect(result == nil)
    #expect(await eventually { withdrawn.withLock { $0.count } == 1 })
    #expect(
      withdrawn.withLock { $0 }.first?["requestId"] == asked.withLock { $0 }?.text)
    #expect(await eventually { reply.withLock { $0 }?.error?.code == -32603 })
    await gateway.end()
    await listening.value
  }

  @Test func aServerThatWithdrawsItsAskGetsNoAnswer() async throws {
    let gateway = try await ready()
    gateway.fleet.make { name, _ in
      let server = FakeServer(name)
      server.on("tools/call") { server, request in
        server.say(
          #"{"jsonrpc":"2.0","id":"q","method":"elicitation/create","params":\#(Self.form)}"#)
        try? await Task.sleep(for: .milliseconds(100))
        server.notify("notifications/cancelled", #"{"requestId":"q"}"#)
        try? await Task.sleep(for: .milliseconds(200))
        server.answer(request, #"{"content":[]}"#)
      }
      return server
    }
    let (messages, result) = try await call(gateway) { _, _ in
      .notification(method: "notifications/nothing", params: nil)
    }
    #expect(result != nil)
    #expect(messages.last?.isNotification("notifications/cancelled") == true)
    #expect(gateway.fleet.started.last?.replies.isEmpty == true)
    await gateway.end()
  }

  @Test func anAskBeforeTheFirstCallWaitsForIt() async throws {
    let gateway = try await ready()
    gateway.fleet.make { name, _ in
      let server = FakeServer(name)
      server.on("initialize") { server, request in
        server.answer(
          request, #"{"protocolVersion":"2025-11-25","capabilities":{"tools":{}}}"#)
        server.say(#"{"jsonrpc":"2.0","id":"r","method":"roots/list"}"#)
      }
      server.on("tools/call") { server, request in
        guard await eventually({ server.replies.count == 1 }) else { return }
        server.answer(request, #"{"content":[],"heard":\#(server.replies[0].result ?? .null)}"#)
      }
      return server
    }
    let (_, result) = try await call(gateway) { id, _ in
      .result(id: id, JSONText(object: [("roots", .emptyArray)]))
    }
    #expect(result?["heard"]?["roots"] == .emptyArray)
    await gateway.end()
  }

  @Test func whatBelongsToTheServersHopIsNotPassedOn() async throws {
    let gateway = try await ready()
    gateway.fleet.make { name, _ in
      let server = FakeServer(name)
      server.on("tools/call") { server, request in
        let params =
          #"{"message":"m","requestedSchema":{"type":"object"},"task":{"ttl":1},"#
          + #""_meta":{"progressToken":7,"x":1}}"#
        server.say(#"{"jsonrpc":"2.0","id":1,"method":"elicitation/create","params":\#(params)}"#)
        guard await eventually({ !server.replies.isEmpty }) else { return }
        server.answer(request, #"{"content":[]}"#)
      }
      return server
    }
    let (asked, _) = try await call(gateway) { id, _ in
      .result(id: id, JSONText(object: [("action", JSONText(string: "decline"))]))
    }
    guard case .request(_, _, let params?) = asked.first else {
      Issue.record("nothing was asked")
      return
    }
    #expect(params["task"] == nil)
    #expect(params["_meta"]?.description == #"{"x":1}"#)
    await gateway.end()
  }

  @Test func moreThanSomeAsksAtOnceAreDeclined() async throws {
    let gateway = try await ready()
    gateway.fleet.make { name, _ in
      let server = FakeServer(name)
      server.on("tools/call") { server, request in
        for number in 0...OpenAsks.mostOpen {
          server.say(
            #"{"jsonrpc":"2.0","id":\#(number),"method":"elicitation/create","params":\#(Self.form)}"#
          )
        }
        guard await eventually({ server.replies.count == 1 }) else { return }
        server.answer(request, #"{"content":[],"heard":\#(server.replies[0].error?.code ?? 0)}"#)
      }
      return server
    }
    let (asked, result) = try await call(gateway) { _, _ in
      .notification(method: "notifications/nothing", params: nil)
    }
    #expect(result?["heard"]?.int == -31005)
    let count = asked.count { if case .request = $0 { true } else { false } }
    #expect((1...OpenAsks.mostOpen).contains(count))
    await gateway.end()
  }
}

@Suite(.timeLimit(.minutes(1)))
struct SessionAsksTests {
  private static let ask = ServerAsk(server: "s", method: .listRoots, params: .emptyObject)

  /// A client that does not read must not make what a server takes back pile up.
  @Test func asksThatAreTakenBackCountUntilTheClientHasReadThem() async throws {
    let asks = SessionAsks()
    let gate = Gate()
    var refused = 0
    for _ in 0..<(2 * SessionAsks.mostOpen) {
      let asking = Task { try await asks.put(Self.ask) { _ in await gate.pass() } }
      asking.cancel()
      do { _ = try await asking.value } catch is Refusal { refused += 1 } catch is Fault {}
    }
    #expect(refused >= SessionAsks.mostOpen)
    gate.open()
  }

  @Test func aClientThatDoesNotAnswerIsToldThatNobodyWaits() async {
    let asks = SessionAsks(limit: .milliseconds(50))
    let sent = Mutex<[Message]>([])
    await #expect(throws: Fault.self) {
      try await asks.put(Self.ask) { message in sent.withLock { $0.append(message) } }
    }
    #expect(await eventually { sent.withLock { $0.count } == 2 })
    #expect(sent.withLock { $0 }.last?.isNotification("notifications/cancelled") == true)
  }

  @Test func aClientThatReadsNothingIsNotWaitedForLonger() async {
    let asks = SessionAsks(limit: .milliseconds(50))
    await #expect(throws: Fault.self) {
      try await asks.put(Self.ask) { _ in try? await Task.sleep(for: .seconds(600)) }
    }
  }

  @Test func aClosedSessionIsAskedNothing() async {
    let asks = SessionAsks()
    asks.close()
    await #expect(throws: Fault.self) { try await asks.put(Self.ask) { _ in } }
  }

  @Test(arguments: [#"[]"#, #""x""#, "null"])
  func anAnswerThatIsNoObjectFailsTheAsk(answer: String) async throws {
    let asks = SessionAsks()
    let text = try JSONText(validating: answer)
    await #expect(throws: Fault.self) {
      try await asks.put(Self.ask) { message in
        if case .request(let id, _, _) = message { asks.take(text, of: id) }
      }
    }
  }
}
