import Synchronization

/// Work that nobody waits for now and that shutdown must wait for: clean-up, and calls that still
/// hold something to be cleaned up.
final class Farewells: Sendable {
  private struct State {
    var pending = 0
    var waiters: [CheckedContinuation<Void, Never>] = []
  }
  private let state = Mutex(State())

  func add(_ work: @escaping @Sendable () async -> Void) {
    begin()
    Task {
      await work()
      end()
    }
  }

  /// Does `work` in the caller's task; ``finish()`` waits for it too.
  func awaited<Value>(
    isolation: isolated (any Actor)? = #isolation, _ work: () async throws -> Value
  ) async rethrows -> Value {
    begin()
    defer { end() }
    return try await work()
  }

  /// Returns when all that was added is done.
  func finish() async {
    await withCheckedContinuation { continuation in
      let isDone = state.withLock { state in
        if state.pending > 0 { state.waiters.append(continuation) }
        return state.pending == 0
      }
      if isDone { continuation.resume() }
    }
  }

  private func begin() { state.withLock { $0.pending += 1 } }

  private func end() {
    let waiters = state.withLock { state -> [CheckedContinuation<Void, Never>] in
      state.pending -= 1
      guard state.pending == 0 else { return [] }
      defer { state.waiters = [] }
      return state.waiters
    }
    for waiter in waiters { waiter.resume() }
  }
}
