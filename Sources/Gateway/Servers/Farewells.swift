import Synchronization

/// Clean-up that nobody waits for now and that shutdown must wait for.
final class Farewells: Sendable {
  private struct State {
    var next = 0
    var tasks: [Int: Task<Void, Never>] = [:]
  }
  private let state = Mutex(State())

  func add(_ work: @escaping @Sendable () async -> Void) {
    state.withLock { state in
      let number = state.next
      state.next += 1
      state.tasks[number] = Task {
        await work()
        self.state.withLock { _ = $0.tasks.removeValue(forKey: number) }
      }
    }
  }

  /// Returns when all that was added is done.
  func finish() async {
    while let task = state.withLock({ $0.tasks.values.first }) {
      await task.value
      // The task takes itself off the list just before it ends.
      await Task.yield()
    }
  }
}
