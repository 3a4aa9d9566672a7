import Wire

extension LiveServer {
  /// Has the server announce updates of a resource, or no more, in the way of its era.
  func subscribe(
    _ method: Call.Method, _ params: JSONText, within limit: Duration
  ) async throws -> JSONText {
    guard case .stateless = hello.revision else {
      return try await connection.request(method.rawValue, params, within: limit)
    }
    guard let listener, let uri = params["uri"]?.string else {
      throw RPCError.methodNotFound(method.rawValue)
    }
    if method == .subscribe {
      guard await listener.subscribe(to: uri) else {
        throw RPCError.methodNotFound("subscriptions/listen")
      }
    } else {
      listener.unsubscribe(from: uri)
    }
    return .emptyObject
  }
}
