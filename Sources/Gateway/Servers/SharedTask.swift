import Synchronization

extension Task where Failure == any Error {
  /// The value of a task that several wait for. Whoever is cancelled stops waiting at once; the task
  /// goes on for the others.
  var sharedValue: Success {
    get async throws {
      let wait = SharedWait<Success>()
      return try await withTaskCancellationHandler {
        try await withCheckedThrowingContinuation { continuation in
          wait.begin(continuation)
          Task<Void, Never> { wait.finish(await result) }
        }
      } onCancel: {
        wait.finish(.failure(_Concurrency.CancellationError()))
      }
    }
  }
}

/// A waiter that is woken once: by the value, or by its own cancellation, which may even come before
/// it waits.
private final class SharedWait<Value: Sendable>: Sendable {
  private enum State {
    case idle
    case waiting(CheckedContinuation<Value, any Error>)
    case finished(Result<Value, any Error>)
  }
  private let state = Mutex(State.idle)

  func begin(_ continuation: CheckedContinuation<Value, any Error>) {
    let early = state.withLock { state -> Result<Value, any Error>? in
      if case .finished(let result) = state { return result }
      state = .waiting(continuation)
      return nil
    }
    if let early { continuation.resume(with: early) }
  }

  func finish(_ result: Result<Value, any Error>) {
    let waiter = state.withLock { state -> CheckedContinuation<Value, any Error>? in
      switch state {
      case .idle:
        state = .finished(result)
        return nil
      case .waiting(let continuation):
        state = .finished(result)
        return continuation
      case .finished: return nil
      }
    }
    waiter?.resume(with: result)
  }
}
