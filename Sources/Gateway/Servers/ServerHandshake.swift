import Wire

/// The opening of a connection to a server (handshake revisions of MCP: `initialize`).
enum ServerHandshake {
  /// What a server said of itself. Untrusted: it decides what we ask, never what is allowed.
  struct Hello: Sendable, Hashable {
    let version: ProtocolVersion
    let capabilities: JSONText

    func offers(_ capability: String) -> Bool { capabilities[capability]?.kind == .object }
  }

  /// The capabilities are those of the client that the server will serve, not those of the gateway:
  /// a server must not be told that a client can be asked what it cannot.
  private static func params(_ capabilities: ClientCapabilities) -> JSONText {
    JSONText(object: [
      ("protocolVersion", JSONText(string: ProtocolVersion.newestHandshake.rawValue)),
      ("capabilities", capabilities.declaration),
      ("clientInfo", clientInfo),
    ])
  }

  private static let clientInfo = JSONText(object: [
    ("name", JSONText(string: "docker-mcp-gateway")),
    ("version", JSONText(string: Version.current)),
  ])

  static func perform(
    on connection: MCPConnection, within limit: Duration
  ) async throws -> Hello {
    let result = try await connection.request(
      "initialize", params(connection.tenant.capabilities), within: limit)
    guard let offered = result["protocolVersion"]?.string else {
      throw violation(connection, "answered initialize without protocolVersion")
    }
    guard let version = ProtocolVersion(rawValue: offered) else {
      throw violation(
        connection, "speaks protocol version \(PrintableText(offered)), which we do not")
    }
    try await connection.notify("notifications/initialized")
    return Hello(version: version, capabilities: result["capabilities"] ?? .emptyObject)
  }

  private static func violation(_ connection: MCPConnection, _ what: String) -> Fault {
    Fault(.protocolViolation, from: .server, "\(connection.server) \(what)")
  }
}
