import Interceptors
import Synchronization
import Testing
import Wire

@testable import Gateway

/// Keeps what it is told.
private final class Notebook: CallJournal {
  private let state = Mutex<(calls: [Call], away: [TurnedAway])>(([], []))
  var calls: [Call] { state.withLock { $0.calls } }
  var away: [TurnedAway] { state.withLock { $0.away } }

  func began(_ call: Call) {}
  func ended(_ call: Call, _ trail: CallTrail, _ outcome: CallOutcome) {
    state.withLock { $0.calls.append(call) }
  }
  func asked(_ record: AskRecord) {}
  func turnedAway(_ request: TurnedAway) { state.withLock { $0.away.append(request) } }
}

/// What journals are told of who asked for what.
@Suite(.timeLimit(.minutes(1)))
struct TurnedAwayTests {
  @Test(arguments: [
    ("tools/call", #"{"name":"none"}"#, "none"), ("tools/call", #"{"name":"off"}"#, "off"),
    ("tools/call", #"{"name":7}"#, ""), ("tools/call", #"{"name":"echo","arguments":[]}"#, "echo"),
    ("prompts/get", #"{"name":"none"}"#, "none"), ("resources/read", #"{"uri":"x:y"}"#, "x:y"),
    ("completion/complete", #"{"ref":{"type":"ref/prompt","name":"p"}}"#, "p"),
  ])
  func aRequestThatLeadsNowhereIsTold(method: String, params: String, name: String) async throws {
    let notebook = Notebook()
    let gateway = try FakeGateway(journals: [notebook])
    gateway.fleet.make { name, _ in
      let server = FakeServer(name)
      server.on("tools/list") { $0.answer($1, tools: ["echo", "off"]) }
      return server
    }
    await gateway.list()
    try await gateway.initialize()
    _ = try await gateway.request(method, params)
    #expect(notebook.away.map(\.name) == [name])
    #expect(notebook.away.first?.method.rawValue == method)
    #expect(notebook.away.first?.params.description == params)
    #expect(notebook.calls.isEmpty)
    await gateway.end()
  }

  @Test func aCallTellsWhoAskedUnderWhichNameForWhichDefinition() async throws {
    let notebook = Notebook()
    let gateway = try FakeGateway([.fake("a"), .fake("b")], journals: [notebook])
    await gateway.list()
    _ = try await gateway.send(
      """
      {"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18",\
      "clientInfo":{"name":"tester","version":"1.2\\u001b[2J"}}}
      """)
    _ = try await gateway.request("tools/call", #"{"name":"b__echo"}"#)
    let call = try #require(notebook.calls.first)
    #expect((call.server, call.target, call.exposedName) == ("b", "echo", "b__echo"))
    #expect(call.caller.clientName == "tester")
    #expect(call.caller.clientVersion == #"1.2\u{1B}[2J"#)
    let definition = gateway.core.snapshot.listings["b"]?.tools.first?.digest
    #expect(call.definition == definition && definition?.hasPrefix("sha256:") == true)
    #expect(notebook.away.isEmpty)
    await gateway.end()
  }
}
