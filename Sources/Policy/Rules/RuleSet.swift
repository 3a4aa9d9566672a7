import Wire

/// What is allowed, compiled once. Rules speak of a server and the server's own tool name, never of
/// the name under which a tool happens to be exposed, so a name clash cannot change what they mean.
///
/// Listing and calling ask the same rule set: what is not listed cannot be called.
public struct RuleSet: Sendable {
  /// Whether the operator's tool filter leaves a server's tool in.
  public typealias ToolFilter = @Sendable (_ server: String, _ tool: String) -> Bool

  private let servers: Set<String>
  private let isToolEnabled: ToolFilter

  /// - Parameter servers: the enabled servers; a call to any other is refused.
  public init(servers: Set<String>, isToolEnabled: @escaping ToolFilter) {
    self.servers = servers
    self.isToolEnabled = isToolEnabled
  }

  /// The only way to a ``Permit``.
  public func permit(_ call: Call) throws(Refusal) -> Permit {
    guard servers.contains(call.server) else {
      throw Refusal(.policyDenied, rule: "servers", message: "\(call.server) is not enabled")
    }
    if call.method.isAboutTool, !isToolEnabled(call.server, call.target) {
      throw Refusal(
        .toolDisabled, rule: "tools",
        message: "the operator's tool filter leaves out \(call.target) of \(call.server)")
    }
    return Permit(call, by: call.method.isAboutTool ? "tools" : "servers")
  }

  /// Whether a server may ask something of a client.
  public func permit(_ ask: ServerAsk) throws(Refusal) {
    guard servers.contains(ask.server) else {
      throw Refusal(.policyDenied, rule: "servers", message: "\(ask.server) is not enabled")
    }
  }

  /// Whether a tool may be shown to clients.
  public func lists(server: String, tool: String) -> Bool {
    servers.contains(server) && isToolEnabled(server, tool)
  }
}
