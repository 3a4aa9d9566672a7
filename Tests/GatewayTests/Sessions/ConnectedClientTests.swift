import Testing
import Wire

@testable import Gateway

/// A stdio client speaks the era of its first request.
@Suite(.timeLimit(.minutes(1)))
struct ConnectedClientTests {
  private static let initialize =
    #"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25"}}"#
  private static let discover = Stateless.line("server/discover")
  private static let list = Stateless.line("tools/list")
  private static let bareList = #"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#

  /// What each line is answered with: an error code, or nil for a result.
  private func codes(_ lines: [String]) async throws -> [Int?] {
    let gateway = try FakeGateway()
    await gateway.list()
    let client = try gateway.core.connect(identity: "local")
    var codes: [Int?] = []
    for line in lines {
      switch client.begin(try Message(Array(line.utf8))) {
      case .nothing: Issue.record("a request without answer")
      case .answer(let message): codes.append(message.error?.code)
      case .work(let exchange): codes.append(await exchange.run { _ in }?.error?.code)
      }
    }
    await client.end()
    await gateway.end()
    return codes
  }

  @Test(arguments: [
    ([initialize, bareList], [nil, nil]), ([list, list], [nil, nil]),
    ([discover, list, discover], [nil, nil, nil]),
    // A probe whose answer came too late for the client.
    ([discover, initialize, bareList], [nil, nil, nil]),
    ([bareList, initialize], [-32600, nil]), ([bareList, list], [-32600, nil]),
    ([initialize, list], [nil, -32600]), ([list, initialize], [nil, -32022]),
    ([list, bareList], [nil, -32602]), ([discover, bareList], [nil, -32600]),
  ])
  func theFirstRequestDecides(lines: [String], expected: [Int?]) async throws {
    #expect(try await codes(lines) == expected)
  }

  @Test func aCancelledRequestGetsNoAnswer() async throws {
    let gateway = try FakeGateway()
    await gateway.list()
    gateway.fleet.make { name, _ in
      let server = FakeServer(name)
      server.on("tools/call") { _, _ in }
      return server
    }
    let client = try gateway.core.connect(identity: "local")
    let line = Stateless.line("tools/call", #""name":"echo","#, id: #""x""#)
    guard case .work(let exchange) = client.begin(try Message(Array(line.utf8))) else {
      Issue.record("no work")
      return
    }
    let task = Task { await exchange.run { _ in } }
    #expect(await eventually { gateway.fleet.started.contains { $0.count("tools/call") == 1 } })
    guard case .answer(let second) = client.begin(try Message(Array(line.utf8))) else {
      Issue.record("an id in flight was taken twice")
      return
    }
    #expect(second.error?.code == -32600)
    let cancel =
      #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"x"}}"#
    _ = client.begin(try Message(Array(cancel.utf8)))
    #expect(await task.value == nil)
    await client.end()
    await gateway.end()
  }
}
