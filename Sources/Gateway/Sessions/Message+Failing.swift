import Wire

extension Message {
  /// The answer to a request that did not succeed. A tool's result can say so itself, in words that a
  /// model reads; anything else is an error of the protocol.
  init(
    failing method: String, _ id: RequestID, _ error: any Error, log: (String) -> Void
  ) {
    let isTool = Call.Method(rawValue: method)?.answersWithToolResult == true
    switch error {
    case let error as RPCError: self = .failure(id: id, error)
    case let refusal as Refusal:
      self = isTool ? .result(id: id, refusal.toolResult.text) : .failure(id: id, refusal.rpcError)
    case let fault as Fault:
      self = isTool ? .result(id: id, fault.toolResult.text) : .failure(id: id, fault.rpcError)
    default:
      log("! \(method): \(PrintableText("\(error)"))")
      self = .failure(id: id, .internal("the gateway failed; its log says more"))
    }
  }

  /// The same answer for a client of the stateless era.
  var stateless: Message {
    switch self {
    case .result(let id, let result): .result(id: id, StatelessResult.complete(result))
    case .failure(let id, let error): .failure(id: id, error.stateless)
    case .request, .notification: self
    }
  }
}

extension RPCError {
  /// The same error for a client of the stateless era, which knows no code for missing resources.
  fileprivate var stateless: RPCError {
    guard code == Code.resourceNotFound.rawValue else { return self }
    return .invalidParams(message, data: data)
  }
}
