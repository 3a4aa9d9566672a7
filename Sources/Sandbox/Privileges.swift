import CSandbox
import Glibc

/// What a helper gives up for itself and all that it starts.
enum Privileges {
  private static let setNoNewPrivileges: CInt = 38
  private static let dropFromBoundingSet: CInt = 24
  private static let lastCapability = 63
  private static let capabilitySet = 126

  /// No program that is started from now on gains anything by being set-uid or by file capabilities.
  static func renounceNew() throws(SandboxProblem) {
    guard c_prctl(setNoNewPrivileges, 1, 0) == 0 else { throw .system("no_new_privs is refused") }
  }

  /// Root keeps its uid, and with it its own files, but none of its powers.
  static func dropCapabilities() throws(SandboxProblem) {
    // Refused to anybody but root, who alone has something to drop.
    for capability in 0...lastCapability { _ = c_prctl(dropFromBoundingSet, UInt(capability), 0) }
    let header: [UInt32] = [0x2008_0522, 0]
    let none = [UInt32](repeating: 0, count: 6)
    let code = unsafe header.withUnsafeBytes { header in
      unsafe none.withUnsafeBytes { none in
        unsafe c_syscall_pointers(capabilitySet, header.baseAddress, none.baseAddress)
      }
    }
    guard code == 0 else { throw .system("capabilities cannot be dropped") }
  }

  /// RLIMIT_MEMLOCK and RLIMIT_MSGQUEUE, which the Glibc module leaves out.
  private static let kernelOnly: [(CInt, UInt)] = [(8, 0), (12, 0)]

  /// Soft and hard.
  static func limit(_ confinement: Confinement) throws(SandboxProblem) {
    var limits: [(__rlimit_resource, UInt)] = [
      (RLIMIT_CORE, 0), (RLIMIT_DATA, 1 << 30), (RLIMIT_FSIZE, 16 << 20), (RLIMIT_NOFILE, 256),
    ]
    if let seconds = confinement.cpuSeconds { limits.append((RLIMIT_CPU, UInt(max(1, seconds)))) }
    for (resource, most) in limits.map({ (CInt($0.0.rawValue), $0.1) }) + kernelOnly {
      var limit = rlimit()
      let kind = __rlimit_resource_t(UInt32(resource))
      guard unsafe getrlimit(kind, &limit) == 0 else { throw .system("a limit cannot be read") }
      let lower = min(most, limit.rlim_max)
      limit = rlimit(rlim_cur: lower, rlim_max: lower)
      guard unsafe setrlimit(kind, &limit) == 0 else { throw .system("a limit cannot be set") }
    }
  }
}
