/// What the program's exit status says; the same for every command.
enum ExitStatus: Int32 {
  case fine = 0
  /// Something broke while running, or a tool said that it failed.
  case failed = 1
  /// The command line or a file is wrong; nothing was started.
  case misconfigured = 2
  /// An image was refused by the trust policy.
  case unverified = 3
  /// A policy's own tests failed.
  case policyTestsFailed = 4
}
