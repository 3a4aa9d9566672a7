import CSandbox
import Glibc

/// Looks after one run of a confined program: starts it, ends all that it has started when it has
/// ended or when the gateway wants that, and tells how it ended.
///
/// A process of its own, between the keeper and the program: it is what orphans fall back to, so that
/// what belongs to this run is known, and it ends whoever kills the gateway.
struct Minder {
  /// More processes than this belong to no hook.
  static let mostProcesses = 256
  private static let openProcess = 434
  private static let setSubreaper: CInt = 36
  private static let setDeathSignal: CInt = 1

  let program: [String]
  let confinement: Confinement
  /// Landlock's rules; nil: none.
  let rules: CInt?
  let input: CInt
  let output: CInt
  let errors: CInt
  /// Our way to the gateway: it is told the end, and when it closes its side the run is over.
  let leash: CInt

  func run() -> Never {
    signal(SIGCHLD, SIG_DFL)
    setsid()
    _ = c_prctl(Self.setSubreaper, 1, 0)
    let child = c_fork()
    if child == 0 { becomeProgram() }
    for descriptor in [input, output, errors] { close(descriptor) }
    guard child > 0 else { finish(.notStarted) }
    finish(watch(child))
  }

  private func watch(_ child: pid_t) -> RunEnding {
    let handle = CInt(truncatingIfNeeded: c_syscall(Self.openProcess, Int(child), 0, 0, 0))
    var pause: CInt = 100
    while true {
      var entries = [
        pollfd(fd: leash, events: Int16(POLLIN), revents: 0),
        pollfd(fd: handle, events: Int16(POLLIN), revents: 0),
      ]
      let ready = unsafe poll(&entries, 2, pause)
      if ready < 0, errno != EINTR { return stop(child, .stopped) }
      if entries[1].revents != 0 { return Self.ending(of: child) }
      if entries[0].revents != 0 { return stop(child, .stopped) }
      if ready == 0 {
        guard ProcessTree().members().count <= Self.mostProcesses else {
          return stop(child, .tooManyProcesses)
        }
        pause = min(2 * pause, 1_000)
      }
    }
  }

  private func stop(_ child: pid_t, _ ending: RunEnding) -> RunEnding {
    // A group is killed in one step, in which it cannot grow.
    kill(-child, SIGKILL)
    return ending
  }

  private static func ending(of child: pid_t) -> RunEnding {
    var status: CInt = 0
    while unsafe waitpid(child, &status, 0) < 0 {
      guard errno == EINTR else { return .stopped }
    }
    let signal = status & 0x7F
    return signal == 0 ? .exited(Int(status >> 8 & 0xFF)) : .killed(bySignal: Int(signal))
  }

  private func finish(_ ending: RunEnding) -> Never {
    if !ProcessTree().reap() { ProcessTree().end() }
    let bytes = Array(ending.text.utf8)
    _ = unsafe send(leash, bytes, bytes.count, CInt(MSG_NOSIGNAL))
    _exit(0)
  }

  // MARK: In the child

  private func becomeProgram() -> Never {
    setpgid(0, 0)
    _ = c_prctl(Self.setDeathSignal, UInt(SIGKILL), 0)
    for (number, descriptor) in [input, output, errors].enumerated() {
      guard dup2(descriptor, CInt(number)) >= 0 else { _exit(126) }
    }
    do throws(SandboxProblem) {
      try Privileges.limit(confinement)
      if let rules { try Landlock.restrict(to: rules) }
    } catch { Self.complain("cannot be confined: \(error)", 126) }
    guard c_close_from(3) == 0 else { Self.complain("descriptors stay open", 126) }
    Self.restoreSignals()
    let words = unsafe program.map { unsafe strdup($0) } + [nil]
    unsafe execv(program[0], words)
    let code = errno
    let reason = unsafe String(cString: strerror(code))
    Self.complain("\(program[0]) cannot be run: \(reason)", code == ENOENT ? 127 : 126)
  }

  /// Ignored signals stay ignored over exec.
  private static func restoreSignals() {
    for number in 1..<65 where number != SIGKILL && number != SIGSTOP {
      signal(CInt(number), SIG_DFL)
    }
    var none = sigset_t()
    unsafe sigemptyset(&none)
    unsafe sigprocmask(SIG_SETMASK, &none, nil)
  }

  private static func complain(_ text: String, _ status: CInt) -> Never {
    let bytes = Array((text + "\n").utf8)
    _ = unsafe write(2, bytes, bytes.count)
    _exit(status)
  }
}

/// How a run ended, and how a minder tells it.
enum RunEnding: Sendable, Hashable {
  case exited(Int)
  case killed(bySignal: Int)
  /// The gateway wanted it to end.
  case stopped
  case tooManyProcesses
  case notStarted

  var text: String {
    switch self {
    case .exited(let status): "exited \(status)"
    case .killed(let signal): "killed \(signal)"
    case .stopped: "stopped"
    case .tooManyProcesses: "too-many-processes"
    case .notStarted: "not-started"
    }
  }

  init?(_ text: String) {
    let words = text.split(separator: " ")
    switch (words.first, words.count > 1 ? Int(words[1]) : nil) {
    case ("exited", let status?): self = .exited(status)
    case ("killed", let signal?): self = .killed(bySignal: signal)
    case ("stopped", _): self = .stopped
    case ("too-many-processes", _): self = .tooManyProcesses
    case ("not-started", _): self = .notStarted
    default: return nil
    }
  }
}
