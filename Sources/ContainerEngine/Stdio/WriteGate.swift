import NIOCore
import Synchronization

/// How many bytes may lie between a writer and the socket. Below the bound a write costs no
/// waiting; above it writers queue up, first come first served, until the peer has read.
final class WriteGate: Sendable {
  private static let mostBytes = 256 << 10

  private struct Waiter {
    let id: UInt64
    let count: Int
    let continuation: CheckedContinuation<Void, any Error>
  }

  private struct State {
    var pending = 0
    var nextID: UInt64 = 0
    var waiters = CircularBuffer<Waiter>()
    var closed: EngineError?
  }

  private let state = Mutex(State())

  /// Counts `count` bytes if they may be written now; false if that takes waiting.
  func enterNow(_ count: Int) throws -> Bool {
    try state.withLock { state in
      if let closed = state.closed { throw closed }
      guard state.waiters.isEmpty, state.pending < Self.mostBytes else { return false }
      state.pending += count
      return true
    }
  }

  /// Waits until `count` bytes may be written, and counts them. Cancelled, it counts nothing.
  func enter(_ count: Int) async throws {
    if try enterNow(count) { return }
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation {
        wait(Waiter(id: id, count: count, continuation: $0))
      }
    } onCancel: {
      let waiter = state.withLock { state in
        state.waiters.firstIndex { $0.id == id }.map { state.waiters.remove(at: $0) }
      }
      waiter?.continuation.resume(throwing: CancellationError())
    }
  }

  private func wait(_ waiter: Waiter) {
    let outcome = state.withLock { state -> Result<Void, any Error>? in
      if let closed = state.closed { return .failure(closed) }
      if Task.isCancelled { return .failure(CancellationError()) }
      if state.waiters.isEmpty, state.pending < Self.mostBytes {
        state.pending += waiter.count
        return .success(())
      }
      state.waiters.append(waiter)
      return nil
    }
    if let outcome { waiter.continuation.resume(with: outcome) }
  }

  /// Bytes counted by ``enter(_:)`` have left, or never will.
  func leave(_ count: Int) {
    let admitted = state.withLock { state -> [Waiter] in
      state.pending -= count
      var admitted: [Waiter] = []
      while state.pending < Self.mostBytes, let next = state.waiters.popFirst() {
        state.pending += next.count
        admitted.append(next)
      }
      return admitted
    }
    for waiter in admitted { waiter.continuation.resume() }
  }

  /// From now on everybody gets this error.
  func close(_ error: EngineError) {
    let waiters = state.withLock { state in
      if state.closed == nil { state.closed = error }
      defer { state.waiters.removeAll() }
      return Array(state.waiters)
    }
    for waiter in waiters { waiter.continuation.resume(throwing: error) }
  }
}
