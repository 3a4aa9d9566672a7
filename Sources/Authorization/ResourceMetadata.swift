import Wire

/// The document of RFC 9728 by which a client that was refused finds out where to get a token.
public struct ResourceMetadata: Sendable, Hashable {
  public static let wellKnownPath = "/.well-known/oauth-protected-resource"

  /// Where it is served: the form with the endpoint's path, and the bare one.
  public let paths: Set<String>
  /// Its address in challenges.
  public let url: String
  public let requiredScopes: [String]
  public let document: JSONText

  public init(_ server: ResourceServer) {
    let (origin, path) = Self.split(server.resource)
    paths = [Self.wellKnownPath, Self.wellKnownPath + path]
    url = origin + Self.wellKnownPath + path
    requiredScopes = server.requiredScopes
    var members = [
      ("resource", JSONText(string: server.resource)),
      ("authorization_servers", JSONText(array: server.issuers.map { JSONText(string: $0) })),
      ("bearer_methods_supported", JSONText(array: [JSONText(string: "header")])),
      ("resource_name", JSONText(string: "MCP Gateway")),
    ]
    if !server.requiredScopes.isEmpty {
      members.append(
        ("scopes_supported", JSONText(array: server.requiredScopes.map { JSONText(string: $0) })))
    }
    document = JSONText(object: members)
  }

  /// RFC 9728 section 3.1: the well-known part goes between host and path.
  private static func split(_ url: String) -> (origin: Substring, path: Substring) {
    let afterScheme = url.firstRange(of: "://")?.upperBound ?? url.startIndex
    let pathStart = url[afterScheme...].firstIndex(of: "/") ?? url.endIndex
    let path = url[pathStart...]
    return (url[..<pathStart], path == "/" ? "" : path)
  }
}
