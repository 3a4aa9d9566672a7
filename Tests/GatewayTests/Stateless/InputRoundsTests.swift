import Interceptors
import Synchronization
import Testing
import Wire

@testable import Gateway

/// What servers of the handshake era ask during a call, for a client that can only be answered.
@Suite(.timeLimit(.minutes(1)))
struct InputRoundsTests {
  static let capabilities = #"{"elicitation":{},"sampling":{},"roots":{}}"#
  static let echo = #""name":"echo","arguments":{"a":1},"#

  /// A gateway over a server whose tool asks `asks` (method, params) and answers with what it got.
  static func gateway(
    asking asks: [(String, String)], parking: ParkedCalls.Limits = .init(), log: Trail = Trail()
  ) async throws -> FakeGateway {
    let gateway = try FakeGateway(journals: [log], parking: parking)
    await gateway.list()
    gateway.fleet.make { name, _ in
      let server = FakeServer(name)
      server.on("tools/call") { server, request in
        let answers = await withTaskGroup { group in
          for (index, ask) in asks.enumerated() {
            group.addTask { (index, Self.text(await server.ask(ask.0, ask.1))) }
          }
          var found: [Int: String] = [:]
          for await (index, answer) in group { found[index] = answer }
          return found.sorted { $0.key < $1.key }.map(\.value)
        }
        server.answer(request, #"{"content":[],"answers":[\#(answers.joined(separator: ","))]}"#)
      }
      return server
    }
    return gateway
  }

  private static func text(_ answer: Message?) -> String {
    (answer?.result ?? answer?.error?.text ?? .null).description
  }

  static func answering(_ result: JSONText?, _ answer: String) -> String {
    let state = result?["requestState"]?.description ?? "null"
    let keys = result?["inputRequests"]?.members.map(\.name) ?? []
    let responses = keys.map { #""\#($0)":\#(answer)"# }.joined(separator: ",")
    return echo + #""inputResponses":{\#(responses)},"requestState":\#(state),"#
  }

  private static let accept = #"{"action":"accept","content":{"x":1}}"#
  private static let form =
    ("elicitation/create", #"{"message":"Which?","requestedSchema":{"type":"object"}}"#)

  private func call(
    _ gateway: FakeGateway, _ members: String = echo, identity: String = "local",
    meta: String = Stateless.meta(capabilities)
  ) async throws -> Message? {
    try await gateway.stateless("tools/call", members, meta: meta, identity: identity).last
  }

  @Test func aQuestionBecomesInputThatIsRequired() async throws {
    let log = Trail()
    let gateway = try await Self.gateway(asking: [Self.form], log: log)
    let first = try await call(gateway)?.result
    #expect(first?["resultType"]?.string == "input_required")
    #expect(first?["content"] == nil)
    let question = first?["inputRequests"]?.members.first?.value
    #expect(question?["method"]?.string == "elicitation/create")
    #expect(question?["params"]?["message"]?.string == "Which?")
    #expect(gateway.core.parked.count == 1)

    let last = try await call(gateway, Self.answering(first, Self.accept))?.result
    #expect(last?["resultType"]?.string == "complete")
    #expect(last?["answers"]?.elements.first?.description == Self.accept)
    #expect(gateway.core.parked.count == 0)
    #expect(gateway.fleet.started.reduce(0) { $0 + $1.count("tools/call") } == 1)
    #expect(log.all == ["began", "asked elicitation/create", "ended"], "recorded once")
    await gateway.end()
  }

  @Test func questionsThatComeTogetherAreAskedTogether() async throws {
    let gateway = try await Self.gateway(
      asking: [Self.form, ("roots/list", "{}"), ("sampling/createMessage", "{}")])
    let first = try await call(gateway)?.result
    #expect(first?["inputRequests"]?.members.count == 3)
    let last = try await call(gateway, Self.answering(first, "{}"))?.result
    #expect(last?["answers"]?.elements.count == 3)
    await gateway.end()
  }

  @Test func whatIsMissingIsAskedAgain() async throws {
    let gateway = try await Self.gateway(asking: [Self.form])
    let first = try await call(gateway)?.result
    let state = first?["requestState"]?.description ?? ""
    let again = try await call(
      gateway, Self.echo + #""inputResponses":{"other":{}},"requestState":\#(state),"#)?.result
    #expect(again?["resultType"]?.string == "input_required")
    #expect(again?["inputRequests"] == first?["inputRequests"])
    #expect(again?["requestState"] != first?["requestState"])
    let last = try await call(gateway, Self.answering(again, Self.accept))?.result
    #expect(last?["resultType"]?.string == "complete")
    await gateway.end()
  }

  @Test func aStateIsGoodOnceForItsRequestAndItsIdentity() async throws {
    let gateway = try await Self.gateway(asking: [Self.form])
    let first = try await call(gateway)?.result
    let answer = Self.answering(first, Self.accept)
    let other = answer.replacing(#""a":1"#, with: #""a":2"#)
    #expect(try await call(gateway, other)?.error?.code == -32602, "other arguments")
    #expect(
      try await call(gateway, answer, identity: "other")?.error?.code == -32602, "somebody else")
    #expect(gateway.core.parked.count == 1)
    #expect(try await call(gateway, answer)?.result?["resultType"]?.string == "complete")
    #expect(try await call(gateway, answer)?.error?.code == -32602, "a second time")
    await gateway.end()
  }

  @Test(arguments: ["null", "7", #""""#, #""AAAA""#, #""*""#])
  func aStateThatWasNotSealedHereIsRefused(state: String) async throws {
    let gateway = try await Self.gateway(asking: [Self.form])
    let members = Self.echo + #""requestState":\#(state),"#
    #expect(try await call(gateway, members)?.error?.code == -32602)
    await gateway.end()
  }

  @Test func aTamperedStateIsRefusedAndTheTrueOneStillWorks() async throws {
    let gateway = try await Self.gateway(asking: [Self.form])
    let first = try await call(gateway)?.result
    let answer = Self.answering(first, Self.accept)
    let state = first?["requestState"]?.string ?? ""
    var bytes = Array(state)
    bytes[20] = bytes[20] == "A" ? "B" : "A"
    let tampered = answer.replacing(state, with: String(bytes))
    #expect(try await call(gateway, tampered)?.error?.code == -32602)
    #expect(try await call(gateway, answer)?.result?["resultType"]?.string == "complete")
    await gateway.end()
  }

  @Test func aCallThatNobodyComesBackForEnds() async throws {
    let gateway = try await Self.gateway(
      asking: [Self.form], parking: .init(patience: .milliseconds(200)))
    let first = try await call(gateway)?.result
    #expect(await eventually { gateway.core.parked.count == 0 && gateway.fleet.running.isEmpty })
    #expect(
      try await call(gateway, Self.answering(first, Self.accept))?.error?.code == -32602)
    await gateway.end()
  }

  @Test func anIdentityParksSoManyCallsAndNoMore() async throws {
    let gateway = try await Self.gateway(asking: [Self.form], parking: .init(perIdentity: 2))
    for _ in 0..<2 { #expect(try await call(gateway)?.result?["inputRequests"] != nil) }
    let third = try await call(gateway)?.result
    #expect(third?["isError"]?.bool == true)
    #expect(third?["_meta"]?["mcp-gateway/refusal"]?["code"]?.string == "over_limit")
    #expect(
      try await call(gateway, identity: "other")?.result?["resultType"]?.string == "input_required")
    #expect(await eventually { gateway.fleet.running.count == 3 })
    await gateway.end()
  }

  @Test func aClientThatCanBeAskedNothingIsAskedNothing() async throws {
    let gateway = try await Self.gateway(asking: [Self.form])
    let result = try await call(gateway, meta: Stateless.meta())?.result
    #expect(result?["answers"]?.elements.first?["code"]?.int == -32601)
    let declared = gateway.fleet.started.last?.params("initialize").first?["capabilities"]
    #expect(declared == .emptyObject)
    await gateway.end()
  }

  @Test func anAnswerWithASecretIsWithheldFromTheServer() async throws {
    let gateway = try await Self.gateway(asking: [Self.form])
    let first = try await call(gateway)?.result
    let secret = #"{"action":"accept","content":{"x":"\#(FakeGateway.secret)"}}"#
    #expect(first?["resultType"]?.string == "input_required")
    let last = try await call(gateway, Self.answering(first, secret))?.result
    #expect(last?["answers"]?.elements.first?["code"]?.int != nil)
    let seen = gateway.fleet.started.flatMap(\.received).map { String(describing: $0) }
    #expect(!seen.contains { $0.contains(FakeGateway.secret) })
    await gateway.end()
  }

  @Test func eachRequestHearsOfProgressUnderItsOwnToken() async throws {
    let gateway = try await listed { server, request in
      let token = request.params["_meta"]?["progressToken"] ?? .null
      server.notify("notifications/progress", #"{"progressToken":\#(token),"progress":1}"#)
      _ = await server.ask("roots/list")
      server.notify("notifications/progress", #"{"progressToken":\#(token),"progress":2}"#)
      server.answer(request, #"{"content":[]}"#)
    }
    func meta(_ token: Int) -> String {
      Stateless.meta(Self.capabilities, more: #","progressToken":\#(token)"#)
    }
    func tokens(_ messages: [Message]) -> [[Int?]] {
      messages.compactMap {
        guard case .notification("notifications/progress", let params) = $0 else { return nil }
        return [params?["progressToken"]?.int, params?["progress"]?.int]
      }
    }
    let first = try await gateway.stateless("tools/call", Self.echo, meta: meta(7))
    #expect(tokens(first) == [[7, 1]])
    let members = Self.answering(first.last?.result, "{}")
    let second = try await gateway.stateless("tools/call", members, meta: meta(8))
    #expect(tokens(second) == [[8, 2]])
    #expect(second.last?.result?["resultType"]?.string == "complete")
    await gateway.end()
  }

  private static let opening =
    #"{"code":-32042,"message":"open","data":{"elicitations":[{"mode":"url","elicitationId":"e","#
    + #""url":"https://example.com/","message":"Sign in"}]}}"#

  @Test func urlsThatMustBeOpenedFirstAreInput() async throws {
    let calls = Mutex(0)
    let gateway = try await listed { server, request in
      let number = calls.withLock { calls in
        calls += 1
        return calls
      }
      if number == 1 {
        server.say(#"{"jsonrpc":"2.0","id":\#(request.id.text),"error":\#(Self.opening)}"#)
      } else {
        server.answer(request, #"{"content":[]}"#)
      }
    }
    let meta = Stateless.meta(#"{"elicitation":{"url":{}}}"#)
    let first = try await call(gateway, meta: meta)?.result
    let question = first?["inputRequests"]?.members.first?.value["params"]
    #expect(question?["url"]?.string == "https://example.com/")
    #expect(question?["elicitationId"] == nil)
    let last = try await call(
      gateway, Self.answering(first, #"{"action":"accept"}"#), meta: meta)?.result
    #expect(last?["resultType"]?.string == "complete")
    #expect(calls.withLock { $0 } == 2)
    await gateway.end()
  }

  @Test func aClientThatOpensNoURLsIsToldWhatIsMissing() async throws {
    let gateway = try await listed { server, request in
      server.say(#"{"jsonrpc":"2.0","id":\#(request.id.text),"error":\#(Self.opening)}"#)
    }
    let refused = try await call(gateway)?.error
    #expect(refused?.code == -32021)
    #expect(
      refused?.data?["requiredCapabilities"]?.description == #"{"elicitation":{"url":{}}}"#)
    let meta = Stateless.meta(#"{"elicitation":{"url":{}}}"#)
    let first = try await call(gateway, meta: meta)?.result
    let still = try await call(
      gateway, Self.answering(first, #"{"action":"decline"}"#), meta: meta)?.result
    #expect(still?["isError"]?.bool == true)
    #expect(still?["content"]?.description.contains("https://example.com/") == true)
    await gateway.end()
  }

  /// A gateway over a server whose tool is `tool`.
  private func listed(
    _ tool: @escaping @Sendable (FakeServer, FakeServer.Request) async -> Void
  ) async throws -> FakeGateway {
    let gateway = try FakeGateway()
    await gateway.list()
    gateway.fleet.make { name, _ in
      let server = FakeServer(name)
      server.on("tools/call", tool)
      return server
    }
    return gateway
  }

  @Test func theClientGoingAwayBeforeAQuestionCancels() async throws {
    let gateway = try FakeGateway()
    await gateway.list()
    gateway.fleet.make { name, _ in
      let server = FakeServer(name)
      server.on("tools/call") { _, _ in }
      return server
    }
    let exchange = gateway.core.begin(
      try Stateless.request("tools/call", Self.echo, meta: Stateless.meta(Self.capabilities)),
      identity: "local")
    let task = Task { await exchange.run { _ in } }
    #expect(await eventually { gateway.fleet.started.contains { $0.count("tools/call") == 1 } })
    task.cancel()
    #expect(await task.value == nil)
    #expect(await eventually { gateway.fleet.running.isEmpty })
    await gateway.end()
  }
}

/// What journals are told, in order.
final class Trail: CallJournal {
  private let state = Mutex<[String]>([])
  var all: [String] { state.withLock { $0 } }

  func began(_ call: Call) { state.withLock { $0.append("began") } }
  func ended(_ call: Call, _ trail: CallTrail, _ outcome: CallOutcome) {
    state.withLock { $0.append("ended") }
  }
  func asked(_ record: AskRecord) {
    state.withLock { $0.append("asked \(record.ask.method.rawValue)") }
  }
}
