import Synchronization

/// Cancels a request that may not have begun to run yet.
final class CallHandle: Sendable {
  private struct State {
    var isCancelled = false
    var cancel: (@Sendable () -> Void)?
  }
  private let state = Mutex(State())
  /// What the credential that came with the request grants.
  let scopes: Set<String>

  init(scopes: Set<String> = []) { self.scopes = scopes }

  var isCancelled: Bool { state.withLock { $0.isCancelled } }

  func cancel() {
    let cancel = state.withLock { state in
      state.isCancelled = true
      return state.cancel
    }
    cancel?()
  }

  /// From now on ``cancel()`` cancels `task`; at once, if it came before.
  func adopt<Success: Sendable>(_ task: Task<Success, Never>) {
    let isCancelled = state.withLock { state in
      state.cancel = { task.cancel() }
      return state.isCancelled
    }
    if isCancelled { task.cancel() }
  }

  /// Runs `work` on `executor` (nil: a cooperative thread) so that ``cancel()``, before or during it, cancels it.
  func run<Value: Sendable>(
    on executor: (any TaskExecutor)?, _ work: @escaping @Sendable () async -> Value
  ) async -> Value {
    let task = Task(executorPreference: executor) { await work() }
    adopt(task)
    return await withTaskCancellationHandler {
      await task.value
    } onCancel: {
      task.cancel()
    }
  }
}
