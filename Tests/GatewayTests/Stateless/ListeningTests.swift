import Synchronization
import Testing
import Wire

@testable import Gateway

/// `subscriptions/listen`, from clients and to servers.
@Suite(.timeLimit(.minutes(1)))
struct ListeningTests {
  private static let resources = #"{"tools":{},"resources":{"subscribe":true}}"#

  /// A server with one resource that says when it was subscribed to.
  private static func announcer(_ name: String, _ era: ProtocolEra) -> FakeServer {
    let server = FakeServer(name, capabilities: resources)
    server.on("resources/list") { server, request in
      server.answer(request, #"{"resources":[{"uri":"test://a","name":"a"}]}"#)
    }
    server.on("resources/templates/list") { server, request in
      server.answer(request, #"{"resourceTemplates":[]}"#)
    }
    server.on("resources/subscribe") { server, request in server.answer(request, "{}") }
    server.on("resources/unsubscribe") { server, request in server.answer(request, "{}") }
    guard era == .stateless else { return server }
    server.on("initialize") { server, request in server.fail(request, -32601) }
    server.on("server/discover") { server, request in
      server.answer(
        request, #"{"supportedVersions":["2026-07-28"],"capabilities":\#(resources)}"#)
    }
    server.on("subscriptions/listen") { server, request in
      server.notify(
        "notifications/subscriptions/acknowledged",
        #"{"notifications":{},"_meta":{"io.modelcontextprotocol/subscriptionId":\#(request.id.text)}}"#
      )
    }
    return server
  }

  private func gateway(_ era: ProtocolEra = .handshake) async throws -> FakeGateway {
    let gateway = try FakeGateway([.fake(isLongLived: true)])
    gateway.fleet.make { name, _ in Self.announcer(name, era) }
    await gateway.list()
    return gateway
  }

  /// An open stream and what came on it.
  private final class Stream: Sendable {
    private final class Heard: Sendable {
      let messages = Mutex<[Message]>([])
    }
    private let heard: Heard
    let task: Task<Message?, Never>

    init(_ gateway: FakeGateway, _ filter: String, id: String = "1", identity: String = "local")
      throws
    {
      let line = Stateless.line(
        "subscriptions/listen", #""notifications":\#(filter),"#, id: id)
      guard case .request(let id, let method, let params) = try Message(Array(line.utf8)) else {
        throw RPCError.invalidRequest("no request")
      }
      let exchange = gateway.core.begin(
        try StatelessRequest(id: id, method: method, params: params, headers: nil),
        identity: identity)
      let heard = Heard()
      self.heard = heard
      task = Task {
        await exchange.run { message in heard.messages.withLock { $0.append(message) } }
      }
    }

    var all: [Message] { heard.messages.withLock { $0 } }

    func methods(after count: Int = 1) -> [String] {
      all.dropFirst(count).compactMap {
        if case .notification(let method, _) = $0 { method } else { nil }
      }
    }
  }

  @Test func theFirstMessageSaysWhatIsHeard() async throws {
    let gateway = try await gateway()
    let stream = try Stream(
      gateway, #"{"toolsListChanged":true,"promptsListChanged":false,"resourceSubscriptions":[]}"#,
      id: #""seven""#)
    #expect(await eventually { !stream.all.isEmpty })
    guard case .notification(let method, let params) = stream.all.first else {
      Issue.record("no acknowledgement")
      return
    }
    #expect(method == "notifications/subscriptions/acknowledged")
    #expect(params?["notifications"]?.description == #"{"toolsListChanged":true}"#)
    #expect(params?["_meta"]?["io.modelcontextprotocol/subscriptionId"]?.string == "seven")
    stream.task.cancel()
    #expect(await stream.task.value == nil)
    await gateway.end()
  }

  @Test func onlyWhatWasAskedForIsHeard() async throws {
    let gateway = try await gateway()
    let tools = try Stream(gateway, #"{"toolsListChanged":true}"#)
    let both = try Stream(
      gateway, #"{"promptsListChanged":true,"resourcesListChanged":true}"#, identity: "other")
    #expect(await eventually { !tools.all.isEmpty && !both.all.isEmpty })
    gateway.core.update(.fake(isLongLived: true), Listing())
    #expect(await eventually { tools.all.count == 2 && both.all.count == 3 })
    #expect(tools.methods() == ["notifications/tools/list_changed"])
    #expect(
      both.methods() == [
        "notifications/prompts/list_changed", "notifications/resources/list_changed",
      ])
    for stream in [tools, both] { stream.task.cancel() }
    await gateway.end()
  }

  @Test(arguments: ProtocolEra.allCases)
  func updatesComeFromServersOfEitherEra(era: ProtocolEra) async throws {
    let gateway = try await gateway(era)
    let stream = try Stream(gateway, #"{"resourceSubscriptions":["test://a","test://none"]}"#)
    #expect(await eventually { !stream.all.isEmpty })
    guard case .notification(_, let params) = stream.all.first else {
      Issue.record("no acknowledgement")
      return
    }
    #expect(
      params?["notifications"]?.description == #"{"resourceSubscriptions":["test://a"]}"#)
    let server = try #require(gateway.fleet.started.last)
    server.notify(
      "notifications/resources/updated",
      #"{"uri":"test://a","_meta":{"io.modelcontextprotocol/subscriptionId":99}}"#)
    server.notify("notifications/resources/updated", #"{"uri":"test://b"}"#)
    #expect(await eventually { stream.all.count == 2 })
    guard case .notification(_, let update) = stream.all.last else {
      Issue.record("no update")
      return
    }
    #expect(update?["uri"]?.string == "test://a")
    #expect(update?["_meta"]?["io.modelcontextprotocol/subscriptionId"]?.int == 1)
    stream.task.cancel()
    if era == .handshake {
      #expect(await eventually { server.count("resources/unsubscribe") == 1 })
    } else {
      #expect(
        server.params("subscriptions/listen").contains {
          $0["notifications"]?["resourceSubscriptions"]?.elements.first?.string == "test://a"
        })
    }
    await gateway.end()
  }

  @Test func aServerIsToldOnceForAllListenersAndAgainWhenItWasReplaced() async throws {
    let gateway = try await gateway()
    let filter = #"{"resourceSubscriptions":["test://a"]}"#
    let one = try Stream(gateway, filter)
    #expect(await eventually { !one.all.isEmpty })
    let two = try Stream(gateway, filter, id: "2")
    #expect(await eventually { !two.all.isEmpty })
    let server = try #require(gateway.fleet.started.last)
    #expect(server.count("resources/subscribe") == 1)
    server.crash()
    let isRenewed = await eventually {
      gateway.fleet.started.last.map { $0 !== server && $0.count("resources/subscribe") == 1 }
        ?? false
    }
    #expect(isRenewed)
    gateway.fleet.started.last?.notify(
      "notifications/resources/updated", #"{"uri":"test://a"}"#)
    #expect(await eventually { one.all.count == 2 && two.all.count == 2 })
    one.task.cancel()
    two.task.cancel()
    await gateway.end()
  }

  @Test func whoeverBeginsToListenWhileTheLastEndsIsSubscribed() async throws {
    let gateway = try await gateway()
    let filter = #"{"resourceSubscriptions":["test://a"]}"#
    let one = try Stream(gateway, filter)
    #expect(await eventually { !one.all.isEmpty })
    let server = try #require(gateway.fleet.started.last)
    let end = Mutex<FakeServer.Request?>(nil)
    server.on("resources/unsubscribe") { _, request in end.withLock { $0 = request } }
    one.task.cancel()
    #expect(await eventually { end.withLock { $0 } != nil })
    let two = try Stream(gateway, filter, id: "2")
    try await Task.sleep(for: .milliseconds(100))
    #expect(server.count("resources/subscribe") == 1, "what ends would undo it")
    server.answer(try #require(end.withLock { $0 }), "{}")
    #expect(await eventually { server.count("resources/subscribe") == 2 && !two.all.isEmpty })
    two.task.cancel()
    await gateway.end()
  }

  @Test func otherIdentitiesHearNothing() async throws {
    let gateway = try await gateway()
    let filter = #"{"resourceSubscriptions":["test://a"]}"#
    let mine = try Stream(gateway, filter)
    #expect(await eventually { !mine.all.isEmpty })
    let server = try #require(gateway.fleet.started.last)
    let theirs = try Stream(gateway, filter, identity: "other")
    #expect(await eventually { !theirs.all.isEmpty })
    server.notify("notifications/resources/updated", #"{"uri":"test://a"}"#)
    #expect(await eventually { mine.all.count == 2 })
    #expect(theirs.all.count == 1)
    mine.task.cancel()
    theirs.task.cancel()
    await gateway.end()
  }

  @Test(arguments: ProtocolEra.allCases)
  func listsOfARunningServerAreReadAgain(era: ProtocolEra) async throws {
    let gateway = try await gateway(era)
    _ = try await gateway.stateless("tools/call", #""name":"echo","#)
    let stream = try Stream(gateway, #"{"toolsListChanged":true}"#)
    #expect(await eventually { !stream.all.isEmpty })
    let server = try #require(gateway.fleet.started.last)
    server.on("tools/list") { server, request in
      server.answer(request, tools: ["echo", "new"])
    }
    server.notify("notifications/tools/list_changed")
    #expect(await eventually { stream.all.count == 2 })
    let tools = try await gateway.stateless("tools/list").last?.result?["tools"]?.elements
    #expect(tools?.compactMap { $0["name"]?.string } == ["echo", "new"])
    let others = try await gateway.stateless("tools/list", identity: "other").last?.result
    #expect(others?["tools"]?.elements.count == 1)
    stream.task.cancel()
    await gateway.end()
  }

  @Test(arguments: [
    "", #""notifications":[],"#, #""notifications":{"resourceSubscriptions":"x"},"#,
    #""notifications":{"resourceSubscriptions":[1]},"#,
  ])
  func whatIsNoFilterIsInvalid(members: String) async throws {
    let gateway = try FakeGateway()
    let answer = try await gateway.stateless("subscriptions/listen", members).last
    #expect(answer?.error?.code == -32602)
    await gateway.end()
  }

  @Test func streamsAreBoundedAndEndWithTheGateway() async throws {
    let gateway = try await gateway()
    let streams = try (0..<StatelessClient.mostListeners).map {
      try Stream(gateway, #"{"toolsListChanged":true}"#, id: "\($0)")
    }
    let areOpen = await eventually { streams.allSatisfy { !$0.all.isEmpty } }
    #expect(areOpen)
    let refused = try await gateway.stateless("subscriptions/listen", #""notifications":{},"#).last
    #expect(refused?.error?.code == -31005)
    await gateway.end()
    let last = await streams[3].task.value?.result
    #expect(last?["resultType"]?.string == "complete")
    #expect(last?["_meta"]?["io.modelcontextprotocol/subscriptionId"]?.int == 3)
  }

  @Test func updatesWithASecretAreHeldBack() async throws {
    let gateway = try await gateway()
    let stream = try Stream(gateway, #"{"resourceSubscriptions":["test://a"]}"#)
    #expect(await eventually { !stream.all.isEmpty })
    let server = try #require(gateway.fleet.started.last)
    server.notify(
      "notifications/resources/updated", #"{"uri":"test://a","x":"\#(FakeGateway.secret)"}"#)
    server.notify("notifications/resources/updated", #"{"uri":"test://a","x":1}"#)
    #expect(await eventually { stream.all.count == 2 })
    #expect(!"\(stream.all)".contains(FakeGateway.secret))
    stream.task.cancel()
    await gateway.end()
  }
}
