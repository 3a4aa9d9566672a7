import Dispatch
import Synchronization

/// The contexts of one home folder, each used by one thread at a time. They are kept for the next
/// verification: making one runs gpg to ask for its version.
final class GPGContexts: Sendable {
  private let home: GPGHome
  private let idle = Mutex<[GPGContext]>([])

  init(_ home: GPGHome) { self.home = home }

  /// Runs `work` on a context and cancels it at the deadline. Blocking: for ``GPGQueue``.
  func use<Value>(
    until deadline: Deadline, _ work: (GPGContext) throws(Rejection) -> Value
  ) throws(Rejection) -> Value {
    guard !deadline.isOver else { throw Rejection(.timeout, "no time is left for GnuPG") }
    let context = try idleContext()
    let timer = DispatchWorkItem { [cancellation = context.cancellation] in cancellation.cancel() }
    GPGQueue.run(timer, after: deadline.remaining)
    defer { timer.cancel() }
    let value = try work(context)
    // Before the context is another's, whom the timer would end.
    timer.cancel()
    // One that failed or was cancelled is in a state that nobody promises.
    if !deadline.isOver { idle.withLock { $0.append(context) } }
    return value
  }

  /// Nothing may be verified after this.
  func close() {
    idle.withLock { $0 = [] }
    home.remove()
  }

  private func idleContext() throws(Rejection) -> GPGContext {
    if let kept = idle.withLock({ $0.popLast() }) { return kept }
    return try GPGContext(home: home.path)
  }
}
