import Glibc
import Synchronization

/// Lines for people on stderr, one after the other, so that lines of several tasks do not mix.
///
/// A stderr that is gone or full is no reason to stop serving: many programs start a gateway with a
/// pipe that they never read. A line that finds no room within a moment is lost.
public final class Console: Sendable {
  /// No more than the kernel takes without waiting once a pipe is writable (PIPE_BUF).
  private static let chunk = 4_096
  private static let patience: Int32 = 100

  private let descriptor: Int32
  /// Whether the last line found no room: then the next one does not wait at all.
  private let isFull = Mutex(false)

  public init(descriptor: Int32 = 2) { self.descriptor = descriptor }

  public func line(_ text: String) {
    let bytes = Array((text + "\n").utf8)
    isFull.withLock { isFull in
      var rest = bytes[...]
      while !rest.isEmpty {
        isFull = !hasRoom(within: isFull ? 0 : Self.patience)
        guard !isFull else { return }
        let count = unsafe rest.prefix(Self.chunk).withUnsafeBytes {
          unsafe write(descriptor, $0.baseAddress, $0.count)
        }
        if count < 0 && (errno == EINTR || errno == EAGAIN) { continue }
        guard count > 0 else { return }
        rest = rest.dropFirst(count)
      }
    }
  }

  private func hasRoom(within milliseconds: Int32) -> Bool {
    var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    var count: Int32
    repeat { count = unsafe poll(&entry, 1, milliseconds) } while count < 0 && errno == EINTR
    return count > 0
  }
}
