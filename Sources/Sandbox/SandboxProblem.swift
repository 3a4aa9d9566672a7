import Glibc

/// Why something cannot be confined, or not be started.
public struct SandboxProblem: Error, Sendable, Hashable, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }

  /// With what `errno` says.
  static func system(_ what: String, _ code: CInt = errno) -> SandboxProblem {
    SandboxProblem("\(what): \(unsafe String(cString: strerror(code)))")
  }
}
