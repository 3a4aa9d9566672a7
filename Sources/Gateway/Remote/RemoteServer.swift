import Wire

/// A remote MCP server as configured.
public struct RemoteServer: Sendable {
  /// The configured name, for messages.
  public var name: String
  public var url: RemoteURL
  public var headers: RemoteHeaders

  public init(name: String, url: RemoteURL, headers: RemoteHeaders = .none) {
    self.name = name
    self.url = url
    self.headers = headers
  }

  /// A fault that names the server and its origin, never the path or query, which may hold keys.
  func fault(
    _ reason: String, as kind: Fault.Kind = .remote, isRetryable: Bool = false
  ) -> Fault {
    Fault(
      kind, from: .server, "remote server \(name) (\(url.origin)): \(reason)",
      isRetryable: isRetryable)
  }
}
