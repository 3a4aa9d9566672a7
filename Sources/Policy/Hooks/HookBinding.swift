import Wire

/// Which calls a hook is asked about. Servers and tools are named as rules name them: by the
/// configured server and the server's own tool, never by an exposed alias.
public struct HookBinding: Sendable, Hashable {
  /// What a hook of the command line sees: calls of tools, and the results of those that went on as
  /// tasks, which would otherwise pass no hook.
  public static let toolMethods: Set<Call.Method> = [.callTool, .taskResult]

  /// Nil: all servers.
  public var servers: [NamePattern]?
  /// Tools, prompts, or URIs of resources; nil: all.
  public var targets: [NamePattern]?
  public var methods: Set<Call.Method>

  public init(
    servers: [NamePattern]? = nil, targets: [NamePattern]? = nil,
    methods: Set<Call.Method> = HookBinding.toolMethods
  ) {
    self.servers = servers
    self.targets = targets
    self.methods = methods
  }

  public func covers(_ call: Call) -> Bool {
    methods.contains(call.method) && Self.anyMatches(servers, call.server)
      && Self.anyMatches(targets, call.target)
  }

  private static func anyMatches(_ patterns: [NamePattern]?, _ name: String) -> Bool {
    patterns.map { $0.contains { $0.matches(name) } } ?? true
  }
}
