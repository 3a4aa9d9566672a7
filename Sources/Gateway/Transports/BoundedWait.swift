import Synchronization

/// Waits for `work`, but not longer than `limit`; false if the time ran out. The work itself goes
/// on: this is for endings that must not hold up a shutdown, not for cancelling.
@discardableResult
func waiting(
  atMost limit: Duration, for work: @escaping @Sendable () async -> Void
) async -> Bool {
  let race = Mutex<CheckedContinuation<Bool, Never>?>(nil)
  let finish: @Sendable (Bool) -> Void = { isDone in
    let winner = race.withLock { continuation in
      defer { continuation = nil }
      return continuation
    }
    winner?.resume(returning: isDone)
  }
  return await withCheckedContinuation { continuation in
    race.withLock { $0 = continuation }
    let timer = Task {
      // Cancelled means that the work was faster.
      do { try await Task.sleep(for: limit) } catch { return }
      finish(false)
    }
    Task {
      await work()
      timer.cancel()
      finish(true)
    }
  }
}
