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
    let (pool, gate) = (pool(2), Gate())
    fleet.make { name, number in
      if number > 0 { await gate.pass() }
      return FakeServer(name)
    }
    await (try await pool.take(for: Tenant.nobody.kind)).close()
    #expect(await eventually { gate.heldCount == 2 })
    await pool.close()
    gate.open()
    await fleet.farewells.finish()
    #expect(fleet.running.isEmpty)
    #expect(fleet.opens == 3)
  }

  @Test func aCallThatBeganBeforeTheReloadIsServed() async throws {
    let (pool, gate) = (pool(1), Gate())
    fleet.make { name, _ in
      await gate.pass()
      return FakeServer(name)
    }
    let call = Task { try await pool.take(for: Tenant.nobody.kind) }
    #expect(await eventually { gate.heldCount == 1 })
    await pool.close()
    gate.open()
    let live = try await call.value
    #expect(live.connection.isOpen)
    await live.close()
    let late = try await pool.take(for: Tenant.nobody.kind)
    await late.close()
    await fleet.farewells.finish()
    #expect(fleet.running.isEmpty)
  }

  @Test func whoStopsWaitingForASpareLeavesItToOthers() async throws {
    let (pool, gate) = (pool(1), Gate())
    fleet.make { name, number in
      if number > 0 { await gate.pass() }
      return FakeServer(name)
    }
    await (try await pool.take(for: Tenant.nobody.kind)).close()
    #expect(await eventually { gate.heldCount == 1 })
    let call = Task { try await pool.take(for: Tenant.nobody.kind) }
    // Time to begin to wait; it has to end in the same way if it had none.
    try await Task.sleep(for: .milliseconds(50))
    call.cancel()
    // It ends although the spare is still held.
    await #expect(throws: Fault.self) { _ = try await call.value }
    #expect(fleet.opens == 2)
    gate.open()
    await (try await pool.take(for: Tenant.nobody.kind)).close()
    await pool.close()
    await fleet.farewells.finish()
    #expect(fleet.running.isEmpty)
  }
}
