import Testing
import Wire

@testable import Gateway

private struct Broken: Error {}

@Suite(.timeLimit(.minutes(1)))
struct WarmPoolTests {
  private let fleet = FakeFleet()
  private func pool(_ size: Int, _ fleet: FakeFleet? = nil) -> WarmPool {
    WarmPool(server: .fake(), starter: (fleet ?? self.fleet).starter(), size: size)
  }

  @Test func eachInstanceServesOneCall() async throws {
    let pool = pool(1)
    var seen: [ObjectIdentifier] = []
    for _ in 0..<4 {
      let live = try await pool.take(for: Tenant.nobody.kind)
      seen.append(ObjectIdentifier(live.connection))
      await live.close()
    }
    #expect(Set(seen).count == 4)
    #expect(await eventually { fleet.opens == 5 && fleet.running.count == 1 })
    await pool.close()
    await fleet.farewells.finish()
    #expect(fleet.running.isEmpty)
  }

  @Test func withoutSparesNothingIsMadeAhead() async throws {
    let pool = pool(0)
    await (try await pool.take(for: Tenant.nobody.kind)).close()
    try await Task.sleep(for: .milliseconds(50))
    #expect(fleet.opens == 1)
  }

  @Test func aSpareThatDiedIsReplaced() async throws {
    let pool = pool(1)
    await (try await pool.take(for: Tenant.nobody.kind)).close()
    #expect(
      await eventually { fleet.started.count == 2 && fleet.started[1].count("initialize") == 1 })
    fleet.started[1].crash()
    #expect(await eventually { fleet.started[1].isClosed })
    let live = try await pool.take(for: Tenant.nobody.kind)
    #expect(live.connection.isOpen)
    await live.close()
  }

  @Test func aServerThatCannotStartIsNotTriedForEver() async throws {
    let pool = pool(1)
    await (try await pool.take(for: Tenant.nobody.kind)).close()
    #expect(await eventually { fleet.running.count == 1 })
    fleet.make { _, _ in throw Broken() }
    await (try await pool.take(for: Tenant.nobody.kind)).close()
    // The spare has failed; one try of the call's own, and that is it.
    #expect(await eventually { fleet.opens == 3 })
    await #expect(throws: Broken.self) { _ = try await pool.take(for: Tenant.nobody.kind) }
    #expect(fleet.opens == 4)
  }

  @Test func withoutRoomForSparesACallWaitsInLine() async throws {
    let fleet = FakeFleet(slots: 1)
    let pool = pool(1, fleet)
    let first = try await pool.take(for: Tenant.nobody.kind)
    let second = Task { try await pool.take(for: Tenant.nobody.kind) }
    try await Task.sleep(for: .milliseconds(100))
    #expect(fleet.opens == 1)
    await first.close()
    await (try await second.value).close()
    await pool.close()
    await fleet.farewells.finish()
    #expect(fleet.running.isEmpty)
  }

  @Test func closingWhileSparesStartLeavesNothing() async throws {
    let pool = pool(2)
    fleet.make { name, number in
      if number > 0 { try? await Task.sleep(for: .milliseconds(200)) }
      return FakeServer(name)
    }
    await (try await pool.take(for: Tenant.nobody.kind)).close()
    #expect(await eventually { fleet.opens == 3 })
    await pool.close()
    await fleet.farewells.finish()
    #expect(fleet.running.isEmpty)
  }

  @Test func aCallThatBeganBeforeTheReloadIsServed() async throws {
    let pool = pool(1)
    fleet.make { name, _ in
      try? await Task.sleep(for: .milliseconds(100))
      return FakeServer(name)
    }
    let call = Task { try await pool.take(for: Tenant.nobody.kind) }
    try await Task.sleep(for: .milliseconds(30))
    await pool.close()
    let live = try await call.value
    #expect(live.connection.isOpen)
    await live.close()
    let late = try await pool.take(for: Tenant.nobody.kind)
    await late.close()
    await fleet.farewells.finish()
    #expect(fleet.running.isEmpty)
  }

  @Test func whoStopsWaitingForASpareLeavesItToOthers() async throws {
    let pool = pool(1)
    fleet.make { name, number in
      if number > 0 { try? await Task.sleep(for: .milliseconds(500)) }
      return FakeServer(name)
    }
    await (try await pool.take(for: Tenant.nobody.kind)).close()
    let call = Task { try await pool.take(for: Tenant.nobody.kind) }
    try await Task.sleep(for: .milliseconds(50))
    let start = ContinuousClock.now
    call.cancel()
    await #expect(throws: Fault.self) { _ = try await call.value }
    #expect(.now - start < .milliseconds(400))
    await (try await pool.take(for: Tenant.nobody.kind)).close()
    await pool.close()
    await fleet.farewells.finish()
    #expect(fleet.running.isEmpty)
  }
}
