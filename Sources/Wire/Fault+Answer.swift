extension Fault {
  /// Where programs find the fault: in the `_meta` of a tool's result, in an error's `data`.
  public static let metaName = "mcp-gateway/fault"

  /// What programs get.
  public var details: JSONText {
    JSONText(object: [
      ("kind", JSONText(string: kind.rawValue)), ("source", JSONText(string: source.rawValue)),
      ("retryable", JSONText(isRetryable)),
    ])
  }

  /// The answer to a tool call.
  public var toolResult: CallResult {
    CallResult(failing: sentence, meta: Self.metaName, details)
  }

  /// The answer to any other request.
  public var rpcError: RPCError {
    RPCError(.internal, sentence, data: JSONText(object: [(Self.metaName, details)]))
  }

  private var sentence: String {
    let advice = isRetryable ? "; the same call may succeed later" : ""
    return "\(message) (\(kind.rawValue)\(advice))"
  }
}
