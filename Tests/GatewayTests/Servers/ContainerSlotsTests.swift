import Synchronization
import Testing
import Wire

@testable import Gateway

private final class Order: Sendable {
  private let numbers = Mutex<[Int]>([])
  var all: [Int] { numbers.withLock { $0 } }
  func add(_ number: Int) { numbers.withLock { $0.append(number) } }
}

@Suite(.timeLimit(.minutes(1)))
struct ContainerSlotsTests {
  private func code(_ work: () async throws -> ContainerSlots.Slot) async -> String {
    do {
      _ = try await work()
      return "slot"
    } catch let refusal as Refusal { return refusal.code.rawValue } catch let fault as Fault {
      return fault.kind.rawValue
    } catch { return "\(error)" }
  }

  @Test func thereAreNoMoreThanTheLimit() async throws {
    let slots = ContainerSlots(limit: 2, rule: "max-containers", whenFull: "all in use")
    let held = [
      try await slots.acquire(.call, within: .seconds(5)),
      try await slots.acquire(.spare, within: .seconds(5)),
    ]
    #expect(
      await code { try await slots.acquire(.call, within: .milliseconds(50)) } == "over_limit")
    #expect(await code { try await slots.acquire(.call, within: .zero) } == "over_limit")
    held[0].release()
    #expect(await code { try await slots.acquire(.call, within: .seconds(5)) } == "slot")
  }

  @Test func aSpareNeverWaitsAndNeverOvertakes() async throws {
    let slots = ContainerSlots(limit: 1, rule: "max-containers", whenFull: "all in use")
    let held = try await slots.acquire(.call, within: .seconds(5))
    #expect(await code { try await slots.acquire(.spare, within: .seconds(60)) } == "over_limit")
    held.release()
  }

  @Test func callsAreServedInTheirOrder() async throws {
    let slots = ContainerSlots(limit: 1, rule: "max-containers", whenFull: "all in use")
    let order = Order()
    let held = try await slots.acquire(.call, within: .seconds(5))
    var callers: [Task<Void, any Error>] = []
    for number in 0..<4 {
      callers.append(
        Task {
          let slot = try await slots.acquire(.call, within: .seconds(30))
          order.add(number)
          slot.release()
        })
      try await Task.sleep(for: .milliseconds(50))
    }
    held.release()
    for caller in callers { try await caller.value }
    #expect(order.all == [0, 1, 2, 3])
  }

  @Test func whoIsCancelledLeavesTheLineAndNoSlotIsLost() async throws {
    let slots = ContainerSlots(limit: 1, rule: "max-containers", whenFull: "all in use")
    let held = try await slots.acquire(.call, within: .seconds(5))
    let caller = Task { [self] in
      await code { try await slots.acquire(.call, within: .seconds(60)) }
    }
    try await Task.sleep(for: .milliseconds(30))
    caller.cancel()
    #expect(await caller.value == "cancelled")
    held.release()
    #expect(await code { try await slots.acquire(.call, within: .seconds(1)) } == "slot")
  }

  @Test func cancellingAndReleasingAtOnceLosesNoSlot() async throws {
    let slots = ContainerSlots(limit: 3, rule: "max-containers", whenFull: "all in use")
    await withTaskGroup { group in
      for number in 0..<300 {
        group.addTask {
          let task = Task {
            let slot = try await slots.acquire(.call, within: .seconds(30))
            await Task.yield()
            slot.release()
          }
          if number.isMultiple(of: 3) { task.cancel() }
          _ = await task.result
        }
      }
    }
    var held: [ContainerSlots.Slot] = []
    for _ in 0..<3 { held.append(try await slots.acquire(.spare, within: .zero)) }
    #expect(held.count == 3)
  }

  @Test func releasingTwiceGivesBackOne() async throws {
    let slots = ContainerSlots(limit: 1, rule: "max-containers", whenFull: "all in use")
    let slot = try await slots.acquire(.call, within: .seconds(5))
    slot.release()
    slot.release()
    let again = try await slots.acquire(.call, within: .seconds(5))
    #expect(
      await code { try await slots.acquire(.call, within: .milliseconds(30)) } == "over_limit")
    again.release()
  }

  @Test func aForgottenSlotComesBack() async throws {
    let slots = ContainerSlots(limit: 1, rule: "max-containers", whenFull: "all in use")
    do { _ = try await slots.acquire(.call, within: .seconds(5)) }
    #expect(await code { try await slots.acquire(.call, within: .seconds(1)) } == "slot")
  }

  @Test func aFullHouseAsksForRelief() async throws {
    let slots = ContainerSlots(limit: 1, rule: "max-containers", whenFull: "all in use")
    let spare = try await slots.acquire(.spare, within: .zero)
    slots.whenFull { spare.release() }
    #expect(await code { try await slots.acquire(.call, within: .seconds(5)) } == "slot")
  }
}
