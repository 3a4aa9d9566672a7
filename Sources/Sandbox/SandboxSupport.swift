import CSandbox
import Glibc

/// What this kernel can do to confine a program, for people and for deciding at start.
public struct SandboxSupport: Sendable, Hashable {
  /// Landlock's version; 0: files cannot be kept from hooks.
  public let landlock: Int
  public let hasSeccomp: Bool

  /// From this version on a confined program cannot send signals to others of its user either.
  public static let landlockWithSignals = 6

  public static var current: SandboxSupport {
    let getSeccomp: CInt = 21
    return SandboxSupport(landlock: Landlock.version, hasSeccomp: c_prctl(getSeccomp, 0, 0) >= 0)
  }
}
