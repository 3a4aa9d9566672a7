import Synchronization

/// The end of a container, for any number of tasks that wait for it, each as long as it likes.
final class ExitLatch: Sendable {
  private typealias Waiter = CheckedContinuation<ContainerExit?, Never>

  private struct State {
    var isSettled = false
    var exit: ContainerExit?
    var nextID: UInt64 = 0
    var waiters: [UInt64: Waiter] = [:]
  }

  private let state = Mutex(State())

  /// The exit, if it is known by now.
  var exit: ContainerExit? { state.withLock { $0.exit } }

  func settle(_ exit: ContainerExit?) {
    let waiters = state.withLock { state -> [Waiter] in
      guard !state.isSettled else { return [] }
      state.isSettled = true
      state.exit = exit
      defer { state.waiters = [:] }
      return Array(state.waiters.values)
    }
    for waiter in waiters { waiter.resume(returning: exit) }
  }

  /// The exit; nil if it is unknown, has not come within `limit`, or the task is cancelled.
  func wait(within limit: Duration) async -> ContainerExit? {
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    let timer = Task {
      try await Task.sleep(for: limit)
      giveUp(id)
    }
    defer { timer.cancel() }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { register($0, id) }
    } onCancel: {
      giveUp(id)
    }
  }

  private func register(_ waiter: Waiter, _ id: UInt64) {
    let (isOver, exit) = state.withLock { state in
      if state.isSettled || Task.isCancelled { return (true, state.exit) }
      state.waiters[id] = waiter
      return (false, nil)
    }
    if isOver { waiter.resume(returning: exit) }
  }

  private func giveUp(_ id: UInt64) {
    let waiter = state.withLock { $0.waiters.removeValue(forKey: id) }
    waiter?.resume(returning: nil)
  }
}
