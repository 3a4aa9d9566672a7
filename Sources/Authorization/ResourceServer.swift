/// What this gateway is to authorization servers: an OAuth 2.1 resource server (MCP, Authorization).
public struct ResourceServer: Sendable, Hashable {
  /// Identifiers of the authorization servers, exactly as they stand in tokens.
  public let issuers: [String]
  /// The canonical URL of the MCP endpoint: what clients name in the `resource` parameter.
  public let resource: String
  /// Any of these in `aud` means us; the resource itself unless the operator chose otherwise.
  public let audiences: [String]
  /// All of these must be granted.
  public let requiredScopes: [String]

  public init(
    issuers: [String], resource: String, audiences: [String] = [], requiredScopes: [String] = []
  ) {
    self.issuers = issuers
    self.resource = resource
    self.audiences = audiences.isEmpty ? [resource] : audiences
    self.requiredScopes = requiredScopes
  }
}
