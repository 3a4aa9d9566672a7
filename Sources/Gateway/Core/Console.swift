import Glibc
import Synchronization

/// Lines for people on stderr. One `write` a line, so that lines of several tasks do not mix; a
/// stderr that is gone or full is no reason to stop serving.
public final class Console: Sendable {
  private let descriptor: Int32
  private let lock = Mutex(())

  public init(descriptor: Int32 = 2) { self.descriptor = descriptor }

  public func line(_ text: String) {
    let bytes = Array((text + "\n").utf8)
    lock.withLock { _ in
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = unsafe rest.withUnsafeBytes {
          unsafe write(descriptor, $0.baseAddress, $0.count)
        }
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { return }
        rest = rest.dropFirst(count)
      }
    }
  }
}
