import Synchronization
import Wire

/// Bounds how many server containers live at once. Calls wait in line; spare containers are only
/// made where room is left, and give way when a call waits.
final class ContainerSlots: Sendable {
  enum Urgency: Sendable {
    /// Somebody waits for it.
    case call
    /// Made in advance: taken only if room is left.
    case spare
  }

  /// The right to one container. Releasing twice is harmless.
  final class Slot: Sendable {
    private let slots: ContainerSlots
    private let isReleased = Mutex(false)

    fileprivate init(_ slots: ContainerSlots) { self.slots = slots }

    func release() {
      let isFirst = isReleased.withLock { released in
        defer { released = true }
        return !released
      }
      if isFirst { slots.giveBack() }
    }

    deinit { release() }
  }

  private struct State {
    var free: Int
    var nextTicket = 0
    var line: [(ticket: Int, continuation: CheckedContinuation<Bool, Never>)] = []
  }

  let limit: Int
  private let state: Mutex<State>
  private let relieve = Mutex<(@Sendable () -> Void)?>(nil)

  private let rule: String
  private let fullMessage: String

  /// - Parameters:
  ///   - rule: names the limit in refusals.
  ///   - whenFull: what a caller is told that waited in vain.
  init(limit: Int, rule: String, whenFull: String) {
    self.limit = limit
    self.rule = rule
    fullMessage = whenFull
    state = Mutex(State(free: limit))
  }

  /// Called, without waiting, when a call finds no room: the place to give up a spare container.
  func whenFull(_ relieve: @escaping @Sendable () -> Void) {
    self.relieve.withLock { $0 = relieve }
  }

  /// Throws a ``Refusal`` when no slot came free in time, and at once for a spare without room; a
  /// ``Fault`` when cancelled.
  func acquire(_ urgency: Urgency, within limit: Duration) async throws -> Slot {
    let ticket = state.withLock { state -> Int? in
      if state.free > 0, state.line.isEmpty {
        state.free -= 1
        return nil
      }
      state.nextTicket += 1
      return state.nextTicket
    }
    guard let ticket else { return Slot(self) }
    guard urgency == .call else { throw full }
    relieve.withLock { $0 }?()
    let deadline = ContinuousClock.now + limit
    let timer = Task {
      try await Task.sleep(until: deadline)
      leave(ticket)
    }
    defer { timer.cancel() }
    let hasSlot = await withTaskCancellationHandler {
      await withCheckedContinuation { stand(ticket, until: deadline, $0) }
    } onCancel: {
      leave(ticket)
    }
    guard hasSlot else {
      if Task.isCancelled { throw Fault(.cancelled, from: .client, "the call was cancelled") }
      throw full
    }
    return Slot(self)
  }

  private var full: Refusal { Refusal(.overLimit, rule: rule, message: fullMessage) }

  private func stand(
    _ ticket: Int, until deadline: ContinuousClock.Instant,
    _ continuation: CheckedContinuation<Bool, Never>
  ) {
    let outcome = state.withLock { state -> Bool? in
      // The timer or the cancellation may have come before there was somebody to take out.
      if Task.isCancelled || .now >= deadline { return false }
      if state.free > 0, state.line.isEmpty {
        state.free -= 1
        return true
      }
      state.line.append((ticket, continuation))
      return nil
    }
    if let outcome { continuation.resume(returning: outcome) }
  }

  private func leave(_ ticket: Int) {
    let waiter = state.withLock { state -> CheckedContinuation<Bool, Never>? in
      guard let place = state.line.firstIndex(where: { $0.ticket == ticket }) else { return nil }
      return state.line.remove(at: place).continuation
    }
    waiter?.resume(returning: false)
  }

  private func giveBack() {
    let next = state.withLock { state -> CheckedContinuation<Bool, Never>? in
      guard !state.line.isEmpty else {
        state.free += 1
        return nil
      }
      return state.line.removeFirst().continuation
    }
    next?.resume(returning: true)
  }
}
