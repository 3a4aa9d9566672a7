import CSandbox
import Glibc

/// Wakes a thread that waits in `poll`. Once rung it stays readable until it is ``silence``d.
final class Bell: Sendable {
  let descriptor: CInt

  init() throws(SandboxProblem) {
    descriptor = eventfd(0, CInt(EFD_CLOEXEC | EFD_NONBLOCK))
    guard descriptor >= 0 else { throw .system("no descriptor to wake a thread with") }
  }

  deinit { close(descriptor) }

  func ring() {
    var one: UInt64 = 1
    _ = unsafe write(descriptor, &one, 8)
  }

  func silence() {
    var count: UInt64 = 0
    _ = unsafe read(descriptor, &count, 8)
  }
}

/// Becomes readable at a time that any thread can set.
final class Alarm: Sendable {
  let descriptor: CInt

  init() throws(SandboxProblem) {
    descriptor = timerfd_create(CLOCK_MONOTONIC, CInt(TFD_CLOEXEC | TFD_NONBLOCK))
    guard descriptor >= 0 else { throw .system("no descriptor for a timer") }
  }

  deinit { close(descriptor) }

  /// Nil: never.
  func set(_ deadline: ContinuousClock.Instant?) {
    var setting = itimerspec()
    if let deadline {
      let (seconds, attoseconds) = max(.nanoseconds(1), deadline - .now).components
      // All zero would be never.
      setting.it_value = timespec(
        tv_sec: Int(seconds), tv_nsec: max(1, Int(attoseconds / 1_000_000_000)))
    }
    _ = unsafe timerfd_settime(descriptor, 0, &setting, nil)
  }
}
