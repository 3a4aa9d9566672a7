import Synchronization

/// One after the other for each key, in the order in which they come: for work that waits, and whose
/// order at a server matters.
final class Turns<Key: Hashable & Sendable>: Sendable {
  /// Who waits, for keys whose turn is taken.
  private let waiting = Mutex<[Key: [CheckedContinuation<Void, Never>]]>([:])

  /// Does `work` when nobody else works on `key`.
  func take<Value>(_ key: Key, _ work: () async throws -> Value) async rethrows -> Value {
    await enter(key)
    defer { leave(key) }
    return try await work()
  }

  private func enter(_ key: Key) async {
    await withCheckedContinuation { continuation in
      let isFree = waiting.withLock { waiting in
        guard waiting[key] != nil else {
          waiting[key] = []
          return true
        }
        waiting[key]?.append(continuation)
        return false
      }
      if isFree { continuation.resume() }
    }
  }

  private func leave(_ key: Key) {
    let next = waiting.withLock { waiting -> CheckedContinuation<Void, Never>? in
      guard waiting[key]?.isEmpty == false else {
        waiting[key] = nil
        return nil
      }
      return waiting[key]?.removeFirst()
    }
    next?.resume()
  }
}
