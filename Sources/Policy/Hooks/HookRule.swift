import Wire

/// One entry of a policy's `hooks`: a program, service or image of the operator, which calls it
/// judges, and what it may do.
public struct HookRule: Sendable, Hashable {
  public enum When: String, Sendable, Hashable, CaseIterable { case before, after }

  /// What becomes of a call when the hook fails.
  public enum OnError: String, Sendable, Hashable, CaseIterable { case deny, allow }

  public enum Kind: Sendable, Hashable {
    case exec(ExecHook)
    case http(HTTPHook)
    case docker(DockerHook)
  }

  /// Unique over all policy files; what records and refusals say.
  public var name: String
  public var place: PolicyPlace
  public var when: When
  public var kind: Kind
  public var binding: HookBinding
  public var timeout: Duration
  public var onError: OnError
  public var grants: Grants

  /// What a hook may do beyond judging; nothing by default.
  public struct Grants: Sendable, Hashable {
    /// Absolute paths that an exec hook may read, beyond those of the system.
    public var readPaths: [String] = []
    /// Absolute paths that an exec hook may read and change.
    public var writePaths: [String] = []
    public var network = false
    /// Variables of the gateway's environment that an exec hook gets.
    public var environment: [String] = []
    /// Whether it sees secrets that the scanner found, and not marks in their place.
    public var secretValues = false

    public init() {}
  }

  public static let standardTimeout = Duration.seconds(10)
}

public struct ExecHook: Sendable, Hashable {
  public enum Command: Sendable, Hashable {
    /// A line for `/bin/sh -c`, as on the command line.
    case shell(String)
    /// A program and its arguments; no shell reads them.
    case program([String])
  }

  public var command: Command
  /// Whether one process judges many calls, a line each.
  public var isPersistent: Bool
}

public struct HTTPHook: Sendable, Hashable {
  public var url: String
  /// Certificates to trust instead of the system's; an absolute path.
  public var caFile: String?
  /// Signs requests; nil: they are not signed.
  public var hmacKey: ValueSource?
  /// Headers whose values are secrets, in the order of the file.
  public var headers: [Header]

  public struct Header: Sendable, Hashable {
    public var name: String
    public var value: ValueSource
  }
}

public struct DockerHook: Sendable, Hashable {
  public var image: String
  public var arguments: [String]
  /// Whether a container is started ahead for the next call.
  public var isWarm: Bool
}

/// Where a secret comes from. It never stands in a policy file itself: such files are shown, signed
/// and kept with other texts.
public enum ValueSource: Sendable, Hashable {
  /// A variable of the gateway's environment.
  case environment(String)
  /// A file that only its owner can read; an absolute path.
  case file(String)
}

/// Where something stands in a policy file.
public struct PolicyPlace: Sendable, Hashable {
  public var source: String
  public var line: Int
  public var column: Int

  public func problem(
    _ message: String, as severity: Problem.Severity = .error, hint: String? = nil
  ) -> Problem {
    Problem(severity, source: source, line: line, column: column, message, hint: hint)
  }
}
