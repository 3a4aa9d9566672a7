import Synchronization
import Testing
import Wire

@testable import Gateway

private struct Broken: Error {}

@Suite(.timeLimit(.minutes(1)))
struct SessionServersTests {
  private let fleet = FakeFleet()
  private let servers = SessionServers(
    session: "1", onStart: { _, _ in }, onSignal: { _, _ in })
  private let plan = PlannedServer.fake(isLongLived: true)

  private func call(_ plan: PlannedServer? = nil) async throws -> ObjectIdentifier {
    try await servers.withInstance(of: plan ?? self.plan, by: fleet.starter(), for: .nobody) {
      live in
      _ = try await live.connection.request("tools/call", nil, within: .seconds(5))
      return ObjectIdentifier(live.connection)
    }
  }

  @Test func concurrentFirstCallsShareOneStart() async throws {
    let seen = try await withThrowingTaskGroup(of: ObjectIdentifier.self) { group in
      for _ in 0..<20 { group.addTask { try await call() } }
      return try await group.reduce(into: Set<ObjectIdentifier>()) { $0.insert($1) }
    }
    #expect(seen.count == 1)
    #expect(fleet.opens == 1)
    await servers.close()
    #expect(fleet.running.isEmpty)
  }

  @Test func aFailedStartIsTriedAgainByTheNextCall() async throws {
    fleet.make { name, number in
      if number == 0 { throw Broken() }
      return FakeServer(name)
    }
    await #expect(throws: Broken.self) { _ = try await call() }
    _ = try await call()
    await servers.close()
  }

  @Test func aCrashedInstanceGivesBackItsSlotAndIsReplaced() async throws {
    let fleet = FakeFleet(slots: 1)
    func call() async throws {
      _ = try await servers.withInstance(
        of: plan, by: fleet.starter(timeout: .seconds(2)), for: .nobody
      ) {
        try await $0.connection.request("tools/call", nil, within: .seconds(5))
      }
    }
    try await call()
    fleet.started[0].crash()
    #expect(await eventually { fleet.started[0].isClosed })
    // Another session can have the slot although this one calls nothing any more.
    let slot = try await fleet.slots.acquire(.call, within: .seconds(5))
    slot.release()
    try await call()
    #expect(fleet.opens == 2)
    await servers.close()
  }

  @Test func aChangedPlanReplacesTheInstanceAndCallsInFlightFinish() async throws {
    let release = Counter()
    fleet.make { name, number in
      let server = FakeServer(name)
      if number == 0 {
        server.on("tools/call") { server, request in
          _ = await eventually { release.value > 0 }
          server.answer(request, "{}")
        }
      }
      return server
    }
    let old = Task { try await call() }
    #expect(await eventually { fleet.started.first?.count("tools/call") == 1 })
    let changed = PlannedServer.fake(image: "other", isLongLived: true)
    #expect(servers.retire(except: ["s": changed]) == ["s"])
    let new = try await call(changed)
    #expect(!fleet.started[0].isClosed)
    release.add()
    #expect(try await old.value != new)
    #expect(await eventually { fleet.started[0].isClosed })
    #expect(fleet.running.count == 1)
    await servers.close()
  }

  @Test func anUnchangedPlanRetiresNothing() async throws {
    _ = try await call()
    #expect(servers.retire(except: ["s": plan]).isEmpty)
    _ = try await call()
    #expect(fleet.opens == 1)
    await servers.close()
  }

  @Test func closingDuringAStartLeavesNothing() async throws {
    fleet.make { name, _ in
      try? await Task.sleep(for: .milliseconds(200))
      return FakeServer(name)
    }
    let calls = (0..<3).map { _ in Task { try await call() } }
    #expect(await eventually { fleet.opens == 1 })
    await servers.close()
    for call in calls { await #expect(throws: (any Error).self) { _ = try await call.value } }
    #expect(fleet.started.count == 1)
    #expect(fleet.running.isEmpty)
    await #expect(throws: Fault.self) { _ = try await call() }
    #expect(fleet.opens == 1)
  }

  @Test func aCancelledCallerDoesNotWaitForTheStart() async throws {
    let gate = Gate()
    fleet.make { name, _ in
      await gate.pass()
      return FakeServer(name)
    }
    let caller = Task { try await call() }
    #expect(await eventually { gate.heldCount == 1 })
    caller.cancel()
    // It ends although the start is still held.
    await #expect(throws: Fault.self) { _ = try await caller.value }
    gate.open()
    _ = try await call()
    #expect(fleet.opens == 1)
    await servers.close()
    #expect(fleet.running.isEmpty)
  }

  @Test func onlyThePresentInstanceIsHeard() async throws {
    let heard = Mutex<[ServerSignal]>([])
    let servers = SessionServers(
      session: "1", onStart: { _, _ in },
      onSignal: { _, signal in heard.withLock { $0.append(signal) } })
    try await servers.withInstance(of: plan, by: fleet.starter(), for: .nobody) { _ in }
    fleet.started[0].notify("notifications/tools/list_changed")
    #expect(await eventually { heard.withLock { $0 } == [.listChanged] })
    fleet.started[0].crash()
    #expect(await eventually { heard.withLock { $0 } == [.listChanged, .ended] })
    #expect(servers.running("s") == nil)
    await servers.close()
    #expect(heard.withLock { $0.count } == 2)
  }
}

@Test func farewellsWaitForAllThatIsAdded() async {
  let farewells = Farewells()
  let done = Counter()
  for _ in 0..<50 {
    farewells.add {
      try? await Task.sleep(for: .milliseconds(20))
      farewells.add { done.add() }
    }
  }
  await farewells.finish()
  #expect(done.value == 50)
  await farewells.finish()
}
