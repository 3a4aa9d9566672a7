import Audit

/// Where the gateway keeps what it writes itself: logs of calls, and the keys that sign them.
public struct StateFolder: Sendable, Hashable {
  public let path: String

  init(_ path: String) { self.path = path }

  /// `XDG_STATE_HOME`, or `~/.local/state`. A relative path is to be ignored (XDG Base Directory
  /// Specification). Nil if there is no home either.
  public init?(in surroundings: Surroundings) {
    let given = surroundings["XDG_STATE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
    guard let base = given ?? surroundings.home?.stateFolder else { return nil }
    path = base.hasSuffix("/") ? "\(base)mcp-gateway" : "\(base)/mcp-gateway"
  }

  /// The logs of gateways that were told no other place.
  public var logs: LogPlace { .folder("\(path)/audit/log") }
  /// What signs logs.
  public var keys: String { "\(path)/audit/key" }
  /// How far each log had come.
  public var heads: String { "\(path)/audit/heads" }
}
