import Interceptors
import Wire

/// What is kept of a finished call until it is exported: names, times and how it ended. No arguments,
/// no results, no words of errors, and no URIs, which can hold what nobody else may read.
struct CallSpan: Sendable, Hashable {
  let trace: CallTrace
  let id: String
  let session: String
  let subject: CallSubject
  /// In nanoseconds since 1970.
  let end: UInt64
  let duration: Duration
  let steps: [CallTrail.Step]
  let rule: String?
  let ending: CallEnding
}

/// What a call is about, as far as spans and metrics tell: names that are configured or listed, never
/// what a client sent.
struct CallSubject: Sendable, Hashable {
  let method: String
  let server: String
  let tool: String?
  let prompt: String?

  init(method: String, server: String, tool: String? = nil, prompt: String? = nil) {
    self.method = method
    self.server = server
    self.tool = tool
    self.prompt = prompt
  }

  init(_ call: Call) {
    self.init(
      method: call.method.rawValue, server: call.server,
      tool: call.method.isAboutTool ? call.target : nil,
      prompt: call.method == .getPrompt ? call.target : nil)
  }

  /// `{mcp.method.name} {target}` (semantic conventions for MCP, Spans).
  var spanName: String { (tool ?? prompt).map { "\(method) \($0)" } ?? method }

  var attributes: [(String, String?)] {
    [
      ("mcp.method.name", method), ("gen_ai.tool.name", tool), ("gen_ai.prompt.name", prompt),
      ("gen_ai.operation.name", method == Call.Method.callTool.rawValue ? "execute_tool" : nil),
      ("mcp_gateway.server", server),
    ]
  }
}

/// How something ended, in the words of the semantic conventions.
struct CallEnding: Sendable, Hashable {
  /// `error.type`; nil: it went well.
  let error: String?
  /// The JSON-RPC error that the server answered with.
  let statusCode: String?
  let verdict: CallVerdict

  init(_ outcome: CallOutcome) {
    verdict = outcome.verdict
    switch outcome {
    case .succeeded: (error, statusCode) = (nil, nil)
    case .toolFailed: (error, statusCode) = ("tool_error", nil)
    case .refused(let refusal): (error, statusCode) = (refusal.code.rawValue, nil)
    case .failed(let fault): (error, statusCode) = (fault.kind.rawValue, nil)
    case .serverError(let failure):
      let code = "\(failure.code)"
      (error, statusCode) = (Self.knownCodes.contains(failure.code) ? code : "_OTHER", code)
    }
  }

  /// JSON-RPC's own and those that it leaves to servers. A server may answer with any number, and
  /// each would be a series.
  private static let knownCodes = Set(
    [-32700] + Array(-32603 ... -32600) + Array(-32099 ... -32000))

  /// What the server had to do with it: what the gateway decided later is not the server's error.
  func ofServer(_ step: CallTrail.Step) -> String? {
    if step.effect == .failed { return error }
    return error == "tool_error" ? error : nil
  }
}
