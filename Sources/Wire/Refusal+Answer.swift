extension Refusal.Code {
  /// The JSON-RPC code for methods whose results cannot say that they failed. Outside of
  /// -32768...-32000, which belongs to the specifications. Stable: clients may compare them.
  public var rpcCode: Int {
    switch self {
    case .toolDisabled: -31001
    case .policyDenied: -31002
    case .secretFound: -31003
    case .interceptorFailed: -31004
    case .overLimit: -31005
    case .notRecorded: -31006
    }
  }
}

extension Refusal {
  /// Where programs find the refusal: in the `_meta` of a tool's result, in an error's `data`.
  public static let metaName = "mcp-gateway/refusal"

  /// What programs get: `code`, and `rule` and `path` where there are some. Never a value.
  public var details: JSONText {
    var members = [("code", JSONText(string: code.rawValue))]
    if let rule { members.append(("rule", JSONText(string: rule))) }
    if let path { members.append(("path", JSONText(string: path))) }
    return JSONText(object: members)
  }

  /// The answer to a tool call.
  public var toolResult: CallResult {
    CallResult(failing: sentence, meta: Self.metaName, details)
  }

  /// The answer to any other request.
  public var rpcError: RPCError {
    RPCError(
      code: code.rpcCode, message: sentence, data: JSONText(object: [(Self.metaName, details)]))
  }

  private var sentence: String {
    let facts = [
      code.rawValue, rule.map { "rule \(PrintableText($0))" },
      path.map { "at \(PrintableText($0))" },
    ]
    let place = facts.compactMap(\.self).joined(separator: ", ")
    return "The gateway refused this: \(message) (\(place))"
  }
}
