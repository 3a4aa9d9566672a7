/// One request on its way to one server: who asks what of whom. All kinds of requests that reach a
/// server are calls, so that there is one path and no second gate.
public struct Call: Sendable, Hashable {
  public enum Method: String, Sendable, Hashable, CaseIterable {
    case callTool = "tools/call"
    case getPrompt = "prompts/get"
    case readResource = "resources/read"
    case complete = "completion/complete"
    case subscribe = "resources/subscribe"
    case unsubscribe = "resources/unsubscribe"
    /// Tasks of MCP 2025-11-25. The target is the tool that works on the task.
    case getTask = "tasks/get"
    case taskResult = "tasks/result"
    case cancelTask = "tasks/cancel"

    /// Whether the answer is a tool's, which can say for a model to read that it failed.
    public var answersWithToolResult: Bool { self == .callTool || self == .taskResult }

    /// Whether a server may want input before it answers (MCP 2026-07-28, Multi Round-Trip Requests).
    public var canAsk: Bool { [.callTool, .getPrompt, .readResource].contains(self) }

    /// Whether the target is a tool: what rules say of the tool holds.
    public var isAboutTool: Bool {
      switch self {
      case .callTool, .getTask, .taskResult, .cancelTask: true
      case .getPrompt, .readResource, .complete, .subscribe, .unsubscribe: false
      }
    }
  }

  /// Unique over the life of a gateway; for logs and audit records.
  public var id: String
  public var caller: Caller
  /// The configured name of the server.
  public var server: String
  public var method: Method
  /// The server's own name of the tool or prompt, or the resource's URI, never an exposed alias.
  public var target: String
  /// The name or URI by which the client asked for it.
  public var exposedName: String
  /// The digest of the definition (name, description, schema) that the client was shown; nil for
  /// what is listed nowhere, such as a resource made from a template.
  public var definition: String?
  /// The `params` object as the server will get it.
  public var params: JSONText
  /// Its place in a trace; nil where nobody traces.
  public var trace: CallTrace?

  public init(
    id: String, caller: Caller, server: String, method: Method, target: String,
    exposedName: String? = nil, definition: String? = nil, params: JSONText
  ) {
    self.id = id
    self.caller = caller
    self.server = server
    self.method = method
    self.target = target
    self.exposedName = exposedName ?? target
    self.definition = definition
    self.params = params
  }

  /// The arguments of a tool or prompt; an empty object where there are none.
  public var arguments: JSONText { params["arguments"] ?? .emptyObject }
}

/// Who makes a call, as far as the gateway knows.
public struct Caller: Sendable, Hashable {
  /// Whom the transport authenticated: see ``Principal``.
  public var identity: String
  /// What the credential of this call grants; empty for credentials that know no scopes.
  public var scopes: Set<String>
  /// The client session's id for logs, shortened; never the credential itself.
  public var session: String
  /// What the client calls itself; untrusted, for display only.
  public var clientName: String
  /// The version that it says it has; as untrusted.
  public var clientVersion: String

  public init(
    identity: String, scopes: Set<String> = [], session: String, clientName: String,
    clientVersion: String = ""
  ) {
    self.identity = identity
    self.scopes = scopes
    self.session = session
    self.clientName = clientName
    self.clientVersion = clientVersion
  }
}

/// What a server answered: the raw `result` of the response.
public struct CallResult: Sendable, Hashable {
  public var text: JSONText

  public init(_ text: JSONText) { self.text = text }

  /// Whether a tool says that it failed.
  public var isError: Bool { text["isError"]?.bool == true }
}
