import Interceptors
import Testing
import Wire

@testable import Gateway

private struct FullDisk: Error {}

/// A journal that cannot write.
private struct BrokenJournal: CallJournal {
  func asked(_ record: AskRecord) {}
  let breaksAtStart: Bool
  func began(_ call: Call) throws { if breaksAtStart { throw FullDisk() } }
  func ended(_ call: Call, _ trail: CallTrail, _ outcome: CallOutcome) throws {
    throw FullDisk()
  }
}

@Suite(.timeLimit(.minutes(1)))
struct GatewayCoreTests {
  private static let echo = #"{"name":"echo"}"#

  @Test(arguments: [true, false])
  func anAnswerThatCannotBeRecordedIsWithheld(breaksAtStart: Bool) async throws {
    let gateway = try FakeGateway(journals: [BrokenJournal(breaksAtStart: breaksAtStart)])
    await gateway.list()
    try await gateway.initialize()
    let answer = try await gateway.request("tools/call", Self.echo).last
    #expect(answer?.error?.code == -32603)
    #expect(gateway.fleet.started.last?.count("tools/call") == (breaksAtStart ? 0 : 1))
    await gateway.end()
  }

  @Test func listsWaitForTheServersAndCallsOfKnownNamesDoNot() async throws {
    let gateway = try FakeGateway()
    try await gateway.initialize()
    let list = Task { try await gateway.request("tools/list", id: "7") }
    try await Task.sleep(for: .milliseconds(100))
    #expect(!gateway.core.isReady)
    await gateway.list()
    #expect(try await list.value.last?.result?["tools"]?.elements.count == 1)
    #expect(gateway.core.isReady)
    await gateway.end()
  }

  @Test func whoIsCancelledDoesNotWaitForLists() async throws {
    let gateway = try FakeGateway()
    let waiter = Task { await gateway.core.waitUntilListed() }
    try await Task.sleep(for: .milliseconds(30))
    let start = ContinuousClock.now
    waiter.cancel()
    await waiter.value
    #expect(.now - start < .seconds(5))
    await gateway.end()
  }

  @Test func aListingOfAServerThatChangedMeanwhileIsDropped() async throws {
    let gateway = try FakeGateway()
    await gateway.list()
    let changed = PlannedServer.fake(image: "other")
    let old = gateway.core.replace(try FakeGateway.generation([changed], gateway.fleet))
    // What was listed before stays in sight until the changed server has been listed.
    let before = gateway.core.snapshot.listings
    #expect(before["s"]?.tools.isEmpty == false)
    let listing = Listing()
    gateway.core.update(.fake(), listing)
    #expect(gateway.core.snapshot.listings == before)
    gateway.core.update(changed, listing)
    #expect(gateway.core.snapshot.listings == ["s": listing])
    await old.close()
    await gateway.end()
  }

  @Test func listingsOfServersThatAreEnabledNoMoreGo() async throws {
    let gateway = try FakeGateway([.fake("a"), .fake("b")])
    await gateway.list()
    let next = try FakeGateway.generation([.fake("a"), .fake("c")], gateway.fleet)
    _ = gateway.core.replace(next)
    #expect(Set(gateway.core.snapshot.listings.keys) == ["a"])
    await gateway.end()
  }

  @Test func aReloadEndsInstancesThatChangedAndLetsTheirCallsFinish() async throws {
    let gateway = try FakeGateway([.fake(isLongLived: true)])
    await gateway.list()
    try await gateway.initialize()
    let release = Counter()
    gateway.fleet.make { name, _ in
      let server = FakeServer(name)
      server.on("tools/call") { server, request in
        _ = await eventually { release.value > 0 }
        server.answer(request, "{}")
      }
      return server
    }
    let call = Task { try await gateway.request("tools/call", Self.echo, id: "1") }
    #expect(await eventually { gateway.fleet.started.last?.count("tools/call") == 1 })
    let changed = PlannedServer.fake(image: "other", isLongLived: true)
    _ = gateway.core.replace(try FakeGateway.generation([changed], gateway.fleet))
    release.add()
    #expect(try await call.value.last?.result != nil)
    #expect(await eventually { gateway.fleet.running.isEmpty })
    await gateway.end()
  }

  @Test func oneBadServerCostsTheOthersNothing() async throws {
    let gateway = try FakeGateway([.fake("bad"), .fake("good"), .fake("mute")])
    gateway.fleet.make { name, _ in
      let server = FakeServer(name)
      if name == "bad" { server.on("initialize") { server, _ in server.crash() } }
      if name == "mute" { server.on("tools/list") { server, request in server.fail(request, -1) } }
      return server
    }
    await gateway.list()
    #expect(Set(gateway.core.snapshot.listings.keys) == ["good"])
    await gateway.end()
  }

  @Test func closingEndsCallsThatAreStillStartingTheirServer() async throws {
    let gateway = try FakeGateway()
    await gateway.list()
    try await gateway.initialize()
    gateway.fleet.make { name, _ in
      try? await Task.sleep(for: .milliseconds(20))
      let server = FakeServer(name)
      server.on("tools/call") { _, _ in }
      return server
    }
    let calls = (0..<100).map { number in
      Task { try await gateway.request("tools/call", Self.echo, id: "\(number)") }
    }
    #expect(await eventually { gateway.fleet.running.count > 5 })
    let start = ContinuousClock.now
    await gateway.end()
    #expect(.now - start < .seconds(5))
    for call in calls { #expect(try await call.value.last?.result == nil) }
  }

  @Test func sessionsAreBoundedAndNoneOpensAfterTheEnd() async throws {
    let gateway = try FakeGateway()
    var sessions: [any ClientSession] = []
    for _ in 1..<GatewayCore.mostSessions { sessions.append(try gateway.core.open(identity: "x")) }
    #expect(throws: Refusal.self) { _ = try gateway.core.open(identity: "x") }
    await sessions[0].end()
    _ = try gateway.core.open(identity: "x")
    await gateway.end()
    #expect(throws: Refusal.self) { _ = try gateway.core.open(identity: "x") }
  }
}
