import Wire

extension RPCError {
  /// A client asks for more at the same time than it may.
  static func tooManyRequests(_ limit: Int) -> RPCError {
    RPCError(
      code: -32603,
      message: "too many requests in flight (\(limit)); wait until some are answered",
      data: JSONText(object: [("code", JSONText(string: Refusal.Code.overLimit.rawValue))]))
  }

  static func messageTooLarge(_ limit: Int) -> RPCError {
    .invalidRequest("the message is larger than \(limit) bytes")
  }
}

extension Message {
  /// The answer that says why this message is not served, under its id where it has one.
  func failing(_ error: RPCError) -> Message {
    guard case .request(let id, _, _) = self else { return .failure(id: nil, error) }
    return .failure(id: id, error)
  }
}
