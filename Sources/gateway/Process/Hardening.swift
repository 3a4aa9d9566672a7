import Glibc

/// What the process gives up before it reads anything: it will hold secrets in memory.
enum Hardening {
  static func apply() {
    signal(SIGPIPE, SIG_IGN)
    forgetCrashReports()
    var none = rlimit(rlim_cur: 0, rlim_max: 0)
    unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
    forbidTracing()
  }

  /// Swift's crash reports print registers and frames to stderr, where secrets would end up in
  /// logs. The runtime installs its handlers before `main`; the default action is silent.
  private static func forgetCrashReports() {
    for number in [SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGQUIT] {
      signal(number, SIG_DFL)
    }
  }

  /// No core file and no debugger of another process of the same user. `prctl` is variadic and so
  /// not visible to Swift; it is looked up by name.
  private static func forbidTracing() {
    typealias Prctl =
      @convention(c) (CInt, CUnsignedLong, CUnsignedLong, CUnsignedLong, CUnsignedLong) -> CInt
    guard let symbol = unsafe dlsym(nil, "prctl") else { return }
    let prctl = unsafe unsafeBitCast(symbol, to: Prctl.self)
    let setDumpable: CInt = 4
    _ = prctl(setDumpable, 0, 0, 0, 0)
  }
}
