import Synchronization

/// A request's place among those in flight. It is given back when the request is done, and also when
/// nobody runs it: a transport at its own limits drops the work it was given.
final class Admission: Sendable {
  private let leave = Mutex<(@Sendable () -> Void)?>(nil)

  init(_ leave: @escaping @Sendable () -> Void) { self.leave.withLock { $0 = leave } }

  deinit { end() }

  func end() {
    let leave = leave.withLock { leave in
      defer { leave = nil }
      return leave
    }
    leave?()
  }
}
