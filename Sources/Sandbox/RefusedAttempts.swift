import Interceptors
import Synchronization
import Wire

/// Tells the operator what a hook tried that its sandbox refused: each system call at its first time
/// and then ever more rarely, for a hook can try a thousand times a second.
final class RefusedAttempts: Sendable {
  private static let mostNames = 128

  private let hook: String
  private let log: @Sendable (String) -> Void
  private let counts = Mutex<[String: Int]>([:])

  init(_ hook: String, _ log: @escaping @Sendable (String) -> Void) {
    self.hook = hook
    self.log = log
  }

  func note(_ call: String) {
    let count = counts.withLock { counts -> Int in
      guard counts[call] != nil || counts.count < Self.mostNames else { return 0 }
      counts[call, default: 0] += 1
      return counts[call] ?? 0
    }
    // 1, 2, 4, 8, …
    guard count > 0, count & (count - 1) == 0 else { return }
    let times = count == 1 ? "" : " (\(count) times by now)"
    log("! hook \(hook) tried \(PrintableText(call)), which its sandbox refuses\(times)")
  }
}
