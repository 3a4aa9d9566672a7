import Synchronization

/// The bytes that the reading side has answered by itself and that the client has not yet read.
///
/// Reading stops while they are many: a client that asks and never reads would fill our memory.
final class AnswerBacklog: Sendable {
  private static let mostBytes = 1 << 20

  private struct State {
    var bytes = 0
    var whenLow: (@Sendable () -> Void)?
  }
  private let state = Mutex(State())

  func add(_ count: Int) { state.withLock { $0.bytes += count } }

  func remove(_ count: Int) {
    let resume = state.withLock { state -> (@Sendable () -> Void)? in
      state.bytes -= count
      guard state.bytes <= Self.mostBytes else { return nil }
      defer { state.whenLow = nil }
      return state.whenLow
    }
    resume?()
  }

  /// Whether reading may go on. If not, `resume` is called once when it may.
  func isLow(orThen resume: @escaping @Sendable () -> Void) -> Bool {
    state.withLock { state in
      if state.bytes <= Self.mostBytes { return true }
      state.whenLow = resume
      return false
    }
  }
}
