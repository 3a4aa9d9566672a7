import Synchronization
import Testing
import Wire

@testable import Gateway

@Suite(.timeLimit(.minutes(1)))
struct SubscriptionTests {
  private static let uri = #"{"uri":"file:///a"}"#

  private static func server(_ name: String) -> FakeServer {
    let server = FakeServer(name, capabilities: #"{"resources":{"subscribe":true}}"#)
    server.on("resources/list") {
      $0.answer(
        $1, #"{"resources":[{"uri":"file:///a","name":"a"},{"uri":"file:///b","name":"b"}]}"#)
    }
    server.on("resources/templates/list") { $0.answer($1, #"{"resourceTemplates":[]}"#) }
    server.on("resources/subscribe") { $0.answer($1, "{}") }
    server.on("resources/unsubscribe") { $0.answer($1, "{}") }
    return server
  }

  private func ready(_ servers: [PlannedServer]) async throws -> FakeGateway {
    let gateway = try FakeGateway(servers)
    gateway.fleet.make { name, _ in Self.server(name) }
    await gateway.list()
    let hello = try await gateway.initialize()
    #expect(
      hello?.result?["capabilities"]?["resources"]?["subscribe"]?.bool
        == (servers.contains { $0.lifetime == .session } ? true : nil))
    return gateway
  }

  /// The URIs of the updates that a session hears.
  private final class Updates: Sendable {
    private let state = Mutex<[String]>([])
    var all: [String] { state.withLock { $0 } }

    init(_ session: any ClientSession) {
      Task {
        for await message in session.unsolicited {
          guard case .notification("notifications/resources/updated", let params?) = message
          else { continue }
          state.withLock { $0.append(params["uri"]?.string ?? "") }
        }
      }
    }
  }

  @Test func updatesReachWhoSubscribedAndNobodyElse() async throws {
    let gateway = try await ready([.fake(isLongLived: true)])
    let other = try gateway.core.open(identity: "local")
    let (heard, overheard) = (Updates(gateway.session), Updates(other))
    #expect(try await gateway.request("resources/subscribe", Self.uri).last?.result == .emptyObject)
    let server = try #require(gateway.fleet.running.first)
    server.notify("notifications/resources/updated", Self.uri)
    server.notify("notifications/resources/updated", #"{"uri":"file:///b"}"#)
    server.notify("notifications/resources/updated", #"{"uri":"file:///a/part"}"#)
    #expect(await eventually { heard.all == ["file:///a", "file:///a/part"] })
    #expect(
      try await gateway.request("resources/unsubscribe", Self.uri).last?.result == .emptyObject)
    server.notify("notifications/resources/updated", Self.uri)
    #expect(server.count("resources/unsubscribe") == 1)
    #expect(
      try await gateway.request("resources/unsubscribe", Self.uri).last?.error?.code == -32602)
    await other.end()
    await gateway.end()
    #expect(heard.all.count == 2)
    #expect(overheard.all.isEmpty)
  }

  @Test func aResourceOfTwoServersIsHeardUnderTheNameThatTheClientUsed() async throws {
    let gateway = try await ready([.fake("a", isLongLived: true), .fake("b", isLongLived: true)])
    let heard = Updates(gateway.session)
    _ = try await gateway.request(
      "resources/subscribe", #"{"uri":"mcp-gateway+b:file:///a"}"#)
    let server = try #require(gateway.fleet.running.first)
    #expect(server.name == "b")
    #expect(server.params("resources/subscribe").last?["uri"]?.string == "file:///a")
    server.notify("notifications/resources/updated", Self.uri)
    #expect(await eventually { heard.all == ["mcp-gateway+b:file:///a"] })
    await gateway.end()
  }

  @Test func aSubscriptionSurvivesItsServer() async throws {
    let gateway = try await ready([.fake(isLongLived: true)])
    let heard = Updates(gateway.session)
    _ = try await gateway.request("resources/subscribe", Self.uri)
    let known = gateway.fleet.started.count
    try #require(gateway.fleet.running.first).crash()
    #expect(
      await eventually {
        gateway.fleet.started.dropFirst(known).first?.count("resources/subscribe") == 1
      })
    gateway.fleet.started.last?.notify("notifications/resources/updated", Self.uri)
    #expect(await eventually { heard.all == ["file:///a"] })
    await gateway.end()
  }

  @Test func aServerThatLivesForACallCannotAnnounceAnything() async throws {
    let gateway = try await ready([.fake()])
    let error = try await gateway.request("resources/subscribe", Self.uri).last?.error
    #expect(error?.code == -32602)
    #expect(error?.message.contains("long-lived") == true)
    await gateway.end()
  }

  @Test func aSubscriptionThatTheServerRefusesIsNone() async throws {
    let gateway = try await ready([.fake(isLongLived: true)])
    gateway.fleet.make { name, _ in
      let server = Self.server(name)
      server.on("resources/subscribe") { $0.fail($1, -32601) }
      return server
    }
    #expect(try await gateway.request("resources/subscribe", Self.uri).last?.error?.code == -32601)
    #expect(
      try await gateway.request("resources/unsubscribe", Self.uri).last?.error?.code == -32602)
    await gateway.end()
  }

  @Test func aResourceIsSubscribedToOnceAndOnlySoManyAre() throws {
    var subscriptions = Subscriptions()
    let route = Directory.Route(server: "s", name: "x:1")
    #expect(try subscriptions.add("x:1", route))
    #expect(try !subscriptions.add("x:1", route))
    // Until the server has been told, others ask it as well, and no instance is told on our own.
    #expect(subscriptions.uris(of: "s").isEmpty)
    subscriptions.hold(route)
    #expect(subscriptions.uris(of: "s") == ["x:1"])
    #expect(try !subscriptions.add("alias:x:1", route))
    #expect(subscriptions.audience(of: "x:1", "s") == ["alias:x:1", "x:1"])
    #expect(subscriptions.audience(of: "x:1", "t").isEmpty)
    #expect(subscriptions.audience(of: "x:12", "s").isEmpty)
    #expect(subscriptions.remove("x:1")?.isLast == false)
    #expect(subscriptions.remove("alias:x:1")?.isLast == true)
    #expect(subscriptions.remove("x:1") == nil)
    for number in 0..<Subscriptions.most {
      _ = try subscriptions.add("y:\(number)", .init(server: "s", name: "y:\(number)"))
    }
    #expect(throws: Refusal.self) { try subscriptions.add("z:", .init(server: "s", name: "z:")) }
  }
}
