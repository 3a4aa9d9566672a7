import Interceptors
import Synchronization

/// How many runs of hooks there are at a time. The others wait in line, within their deadlines.
final class Turns: Sendable {
  private struct State {
    var free: Int
    var nextNumber = 0
    /// In the order of their numbers.
    var waiters: [(number: Int, continuation: CheckedContinuation<HookFailure?, Never>)] = []
  }

  private let state: Mutex<State>
  private let mostWaiters: Int

  init(_ count: Int, mostWaiters: Int) {
    state = Mutex(State(free: count))
    self.mostWaiters = mostWaiters
  }

  /// Returns when it is the caller's turn, who then has to ``give`` it back.
  func take(until deadline: ContinuousClock.Instant) async throws(HookFailure) {
    let number = state.withLock { state -> Int? in
      if state.free > 0 {
        state.free -= 1
        return nil
      }
      state.nextNumber += 1
      return state.nextNumber
    }
    guard let number else { return }
    if let failure = await wait(number, until: deadline) { throw failure }
  }

  func give() {
    let next = state.withLock { state in
      guard state.waiters.isEmpty else { return Optional(state.waiters.removeFirst()) }
      state.free += 1
      return nil
    }
    next?.continuation.resume(returning: nil)
  }

  private func wait(
    _ number: Int, until deadline: ContinuousClock.Instant
  ) async -> HookFailure? {
    let timer = Task {
      try await Task.sleep(until: deadline)
      leave(number, .timeout)
    }
    defer { timer.cancel() }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let answer = state.withLock { state -> HookFailure?? in
          if Task.isCancelled { return .some(.cancelled) }
          if state.free > 0 {
            state.free -= 1
            return .some(nil)
          }
          guard state.waiters.count < mostWaiters else {
            return .some(HookFailure(.busy, "has more than \(mostWaiters) calls waiting for it"))
          }
          state.waiters.append((number, continuation))
          return nil
        }
        if let answer { continuation.resume(returning: answer) }
      }
    } onCancel: {
      leave(number, .cancelled)
    }
  }

  private func leave(_ number: Int, _ failure: HookFailure) {
    let waiter = state.withLock { state in
      state.waiters.firstIndex { $0.number == number }.map { state.waiters.remove(at: $0) }
    }
    waiter?.continuation.resume(returning: failure)
  }
}
