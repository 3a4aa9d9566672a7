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

/// A name in which `*` stands for any characters, none included. Matching takes time in proportion
/// to the lengths, whatever the pattern.
public struct NamePattern: Sendable, Hashable, CustomStringConvertible {
  public let description: String

  public init(_ text: String) { description = text }

  /// Goes on greedily and comes back only to the last `*`: earlier ones need no second try.
  public func matches(_ name: String) -> Bool {
    let pattern = Array(description.utf8)
    let name = Array(name.utf8)
    var (at, inName) = (0, 0)
    var retry: (pattern: Int, name: Int)?
    while inName < name.count {
      if at < pattern.count, pattern[at] == UInt8(ascii: "*") {
        retry = (at + 1, inName)
        at += 1
      } else if at < pattern.count, pattern[at] == name[inName] {
        at += 1
        inName += 1
      } else if let last = retry {
        retry = (last.pattern, last.name + 1)
        (at, inName) = (last.pattern, last.name + 1)
      } else {
        return false
      }
    }
    return pattern[at...].allSatisfy { $0 == UInt8(ascii: "*") }
  }
}
