import Glibc

/// Wakes a thread out of `poll`, from any thread.
final class WakePipe: Sendable {
  /// Both are -1, which `poll` passes over, if the system has no descriptors left.
  private let ends: (read: Int32, write: Int32)

  init() {
    var ends: [Int32] = [-1, -1]
    _ = unsafe pipe(&ends)
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    self.ends = (ends[0], ends[1])
  }

  deinit {
    for end in [ends.read, ends.write] where end >= 0 { close(end) }
  }

  /// False if nobody could ever be woken.
  var isUsable: Bool { ends.read >= 0 }

  /// What to give to `poll`; it is ready once ``wake()`` was called, and stays so.
  var entry: pollfd { pollfd(fd: ends.read, events: Int16(POLLIN), revents: 0) }

  func wake() {
    // A full pipe has woken the thread already.
    var byte: UInt8 = 1
    _ = unsafe write(ends.write, &byte, 1)
  }
}
