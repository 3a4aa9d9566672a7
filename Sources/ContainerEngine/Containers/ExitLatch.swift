import Synchronization

/// The end of a container, for any number of tasks that wait for it, each as long as it likes.
final class ExitLatch: Sendable {
  private typealias Waiter = CheckedContinuation<ContainerExit?, Never>

  /// How far a wait has come: its time may be over before it has begun to wait.
  private enum Wait {
    case announced
    case waiting(Waiter)
    case over
  }

  private struct State {
    var isSettled = false
    var exit: ContainerExit?
    var nextID: UInt64 = 0
    var waits: [UInt64: Wait] = [:]

    /// Ends a wait; who must be told so.
    mutating func end(_ id: UInt64) -> Waiter? {
      guard let wait = waits[id] else { return nil }
      waits[id] = .over
      guard case .waiting(let waiter) = wait else { return nil }
      return waiter
    }
  }

  private let state = Mutex(State())

  /// The exit, if it is known by now.
  var exit: ContainerExit? { state.withLock { $0.exit } }

  func settle(_ exit: ContainerExit?) {
    let waiters = state.withLock { state -> [Waiter] in
      guard !state.isSettled else { return [] }
      state.isSettled = true
      state.exit = exit
      return state.waits.keys.compactMap { state.end($0) }
    }
    for waiter in waiters { waiter.resume(returning: exit) }
  }

  /// The exit; nil if it is unknown, has not come within `limit`, or the task is cancelled.
  func wait(within limit: Duration) async -> ContainerExit? {
    guard limit > .zero else { return exit }
    let id = state.withLock { state in
      state.nextID += 1
      state.waits[state.nextID] = .announced
      return state.nextID
    }
    let timer = Task {
      try await Task.sleep(for: limit)
      giveUp(id)
    }
    defer {
      timer.cancel()
      state.withLock { $0.waits[id] = nil }
    }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { register($0, id) }
    } onCancel: {
      giveUp(id)
    }
  }

  private func register(_ waiter: Waiter, _ id: UInt64) {
    let (isOver, exit) = state.withLock { state -> (Bool, ContainerExit?) in
      if case .announced? = state.waits[id], !state.isSettled {
        state.waits[id] = .waiting(waiter)
        return (false, nil)
      }
      return (true, state.exit)
    }
    if isOver { waiter.resume(returning: exit) }
  }

  private func giveUp(_ id: UInt64) {
    let waiter = state.withLock { $0.end(id) }
    waiter?.resume(returning: nil)
  }
}
