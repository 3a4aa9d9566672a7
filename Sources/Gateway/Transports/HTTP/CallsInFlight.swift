import Synchronization
import Wire

/// Counts the calls that an identity's sessions are waiting for, so that one with many sessions
/// leaves room for others. What is too much is refused, never queued without end.
final class CallsInFlight: Sendable {
  private let perIdentity: Int
  private let counts = Mutex<[String: Int]>([:])

  init(perIdentity: Int) { self.perIdentity = perIdentity }

  func enter(_ identity: String, _ calls: Int = 1) throws(RPCError) {
    try counts.withLock { counts throws(RPCError) in
      let own = counts[identity] ?? 0
      guard own + calls <= perIdentity else { throw .tooManyRequests(perIdentity) }
      counts[identity] = own + calls
    }
  }

  func leave(_ identity: String, _ calls: Int = 1) {
    counts.withLock { counts in
      let rest = (counts[identity] ?? 0) - calls
      counts[identity] = rest > 0 ? rest : nil
    }
  }
}
