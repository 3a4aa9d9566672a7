import Glibc
import Wire

/// What the process gives up before it reads anything: it will hold secrets in memory.
enum Hardening {
  /// Throws if something could not be given up: then nothing is read either.
  static func apply() throws(Problem) {
    signal(SIGPIPE, SIG_IGN)
    // A write beyond a limit of the process fails; it must not end all other calls.
    signal(SIGXFSZ, SIG_IGN)
    forgetCrashReports()
    var none = rlimit(rlim_cur: 0, rlim_max: 0)
    guard unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none) == 0 else {
      throw failure("core files")
    }
    guard setDumpable(false) else { throw failure("tracing by other processes") }
  }

  private static func failure(_ what: String) -> Problem {
    Problem(
      source: "gateway", "\(what) cannot be ruled out: \(unsafe String(cString: strerror(errno)))")
  }

  /// Swift's crash reports print registers and frames to stderr, where secrets would end up in
  /// logs. The runtime installs its handlers before `main`; the default action is silent.
  private static func forgetCrashReports() {
    for number in crashSignals { signal(number, SIG_DFL) }
  }

  static let crashSignals = [SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGQUIT]

  /// Not dumpable: no core file, and no debugger or reading of `/proc/PID/mem` and `environ` by
  /// another process of the same user.
  private static func setDumpable(_ isDumpable: Bool) -> Bool {
    let setDumpable: CInt = 4
    return prctl(setDumpable, isDumpable ? 1 : 0) == 0
  }

  /// `PR_GET_DUMPABLE`; nil where it cannot be asked.
  static var isDumpable: Bool? {
    let getDumpable: CInt = 3
    let answer = prctl(getDumpable, 0)
    return answer < 0 ? nil : answer != 0
  }

  /// Variadic in C and so not visible to Swift; looked up by name. -1 where there is none.
  private static func prctl(_ option: CInt, _ argument: CUnsignedLong) -> CInt {
    typealias Prctl =
      @convention(c) (CInt, CUnsignedLong, CUnsignedLong, CUnsignedLong, CUnsignedLong) -> CInt
    guard let symbol = unsafe dlsym(nil, "prctl") else { return -1 }
    let prctl = unsafe unsafeBitCast(symbol, to: Prctl.self)
    return prctl(option, argument, 0, 0, 0)
  }
}
