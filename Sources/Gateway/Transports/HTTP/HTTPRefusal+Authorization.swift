import Authorization
import HTTPTypes
import Wire

extension HTTPRefusal {
  /// RFC 6750 section 3 and RFC 9728 section 5.1: why the request is not let in, and where a token
  /// can be had.
  static func unauthorized(
    _ failure: AuthorizationFailure, _ metadata: ResourceMetadata?
  ) -> HTTPRefusal {
    switch failure {
    case .missing:
      challenge(.unauthorized, "a valid bearer token is required", nil, metadata)
    case .malformed(let reason):
      challenge(.badRequest, reason, "invalid_request", metadata)
    case .invalid(let reason):
      challenge(.unauthorized, reason, "invalid_token", metadata)
    case .insufficientScope(let scopes):
      challenge(
        .forbidden, "the token must grant: \(scopes.joined(separator: " "))",
        "insufficient_scope", metadata, scopes: scopes)
    // Not 401: the token may be a good one, and a client that is told otherwise throws it away.
    case .unavailable(let reason):
      HTTPRefusal(.serviceUnavailable, .internal(reason), [.retryAfter: "30"])
    }
  }

  private static func challenge(
    _ status: HTTPResponse.Status, _ reason: String, _ code: String?,
    _ metadata: ResourceMetadata?, scopes: [String]? = nil
  ) -> HTTPRefusal {
    let scopes = scopes ?? metadata?.requiredScopes ?? []
    let parameters: [(String, String?)] = [
      ("realm", "MCP Gateway"), ("error", code), ("error_description", code.map { _ in reason }),
      ("scope", scopes.isEmpty ? nil : scopes.joined(separator: " ")),
      ("resource_metadata", metadata?.url),
    ]
    let words = parameters.compactMap { name, value in value.map { "\(name)=\"\($0)\"" } }
    return HTTPRefusal(
      status, .invalidRequest(reason),
      [.wwwAuthenticate: "Bearer \(words.joined(separator: ", "))"])
  }
}
