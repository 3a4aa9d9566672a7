import Policy
import Wire

/// One hook as the operator wants it, from `--interceptor` or from a policy file.
public struct Hook: Sendable, Hashable {
  /// What becomes of a call that the hook could not judge. Only a policy file can ask for `allow`:
  /// the call then goes on unjudged, which its record says.
  public typealias OnError = HookRule.OnError

  public static let defaultTimeout = HookRule.standardTimeout
  public static let longestTimeout = Duration.seconds(600)
  /// Larger answers are failures.
  public static let largestOutput = 4 << 20

  /// Named in refusals, records and the log; holds no secret.
  public var name: String
  public var spec: HookSpec
  /// Which calls it is asked about.
  public var binding: HookBinding
  /// For one call, all in: waiting for a turn, starting, answering.
  public var timeout: Duration
  public var onError: OnError
  /// What it may have beyond the least.
  public var grants: HookGrants
  /// For `exec`: the program and its arguments, started without a shell; for `docker`: the image and
  /// its arguments; nil: the spec's argument.
  public var command: [String]?
  /// For `exec`: started once; one line of JSON in and one out for each call.
  public var isPersistent: Bool
  /// For `docker`: a container is started ahead, for one later call.
  public var isWarm = false
  /// For `http`: what requests carry beside the message.
  public var http = HTTPHookOptions()

  public init(
    name: String, spec: HookSpec, binding: HookBinding = HookBinding(),
    timeout: Duration = Hook.defaultTimeout, onError: OnError = .deny,
    grants: HookGrants = HookGrants(), command: [String]? = nil, isPersistent: Bool = false
  ) {
    self.name = name
    self.spec = spec
    self.binding = binding
    self.timeout = timeout
    self.onError = onError
    self.grants = grants
    self.command = command
    self.isPersistent = isPersistent
  }

  /// The hook of the `number`th `--interceptor` of a command line: bound to all servers and tools.
  /// Its name does not quote the argument, which may hold a secret.
  public init(flag spec: HookSpec, number: Int) {
    self.init(name: "\(spec.when.rawValue):\(spec.kind.rawValue)#\(number)", spec: spec)
  }
}

/// What a hook may have beyond the least. All of it comes from the operator's files.
public struct HookGrants: Sendable, Hashable {
  /// Absolute paths, with all that is below them, for `exec`.
  public var readablePaths: [String]
  public var writablePaths: [String]
  /// Sockets for `exec`, a network for `docker`.
  public var network: Bool
  /// Variables of `exec` and `docker`. Never described: a value may be a secret.
  public var environment: [String: String]
  /// Whether it sees what the secrets scanner found, instead of a placeholder.
  public var secrets: Bool

  public init(
    readablePaths: [String] = [], writablePaths: [String] = [], network: Bool = false,
    environment: [String: String] = [:], secrets: Bool = false
  ) {
    self.readablePaths = readablePaths
    self.writablePaths = writablePaths
    self.network = network
    self.environment = environment
    self.secrets = secrets
  }
}
