/// How the program ends; documented in docs/errors.md.
public enum ExitCode: Int32, Sendable, CaseIterable {
  case fine = 0
  /// Something broke while running.
  case runtimeFailure = 1
  /// The command line or a file is wrong; nothing was started.
  case usageOrConfiguration = 2
  /// The signature of an image could not be verified, or an audit log is not as it was written.
  case verificationRefused = 3
  case policyTestsFailed = 4
}
