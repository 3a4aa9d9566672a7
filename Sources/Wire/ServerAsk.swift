/// A request of a server to the client whose call caused it: the one kind of request that runs
/// against the stream, from the handshake revisions of MCP.
public struct ServerAsk: Sendable, Hashable {
  public enum Method: String, Sendable, Hashable, CaseIterable {
    case sample = "sampling/createMessage"
    case elicit = "elicitation/create"
    case listRoots = "roots/list"
  }

  /// The configured name of the server.
  public var server: String
  public var method: Method
  /// The `params` object as the server wrote it.
  public var params: JSONText
  /// What a server of the stateless era calls this input; nil where it is a request of its own.
  public var key: String?

  public init(server: String, method: Method, params: JSONText, key: String? = nil) {
    self.server = server
    self.method = method
    self.params = params
    self.key = key
  }
}
