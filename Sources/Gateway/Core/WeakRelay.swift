import Synchronization

/// Leads to an object that is made after those who speak to it, and as long as it exists.
final class WeakRelay<Target: AnyObject & Sendable>: Sendable {
  private struct Weak {
    weak var target: Target?
  }
  private let state = Mutex(Weak())

  var target: Target? {
    get { state.withLock { $0.target } }
    set { state.withLock { $0.target = newValue } }
  }
}
