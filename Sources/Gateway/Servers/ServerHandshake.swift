import Wire

/// The opening of a connection to a server: `initialize` in the handshake era, `server/discover` in
/// the stateless one.
enum ServerHandshake {
  /// What a server said of itself. Untrusted: it decides what we ask, never what is allowed.
  struct Hello: Sendable, Hashable {
    let revision: ProtocolRevision
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
    _ era: ProtocolEra, on connection: MCPConnection, within limit: Duration
  ) async throws -> Hello {
    switch era {
    case .handshake: try await initialize(connection, limit)
    case .stateless: try await discover(connection, limit)
    }
  }

  private static func discover(
    _ connection: MCPConnection, _ limit: Duration
  ) async throws -> Hello {
    let version = StatelessVersion.newest
    let envelope = Envelope(version, connection.tenant.capabilities, clientInfo)
    let result = try await connection.request(
      "server/discover", envelope.added(to: nil, logLevel: nil), within: limit)
    let offered = result["supportedVersions"]?.elements.compactMap(\.string) ?? []
    guard offered.contains(version.rawValue) else {
      throw violation(connection, "knows server/discover but not version \(version.rawValue)")
    }
    connection.speak(envelope)
    return Hello(
      revision: .stateless(version), capabilities: result["capabilities"] ?? .emptyObject)
  }

  private static func initialize(
    _ connection: MCPConnection, _ limit: Duration
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
    return Hello(
      revision: .handshake(version), capabilities: result["capabilities"] ?? .emptyObject)
  }

  /// What every request to a server of the stateless era says of us and of our client.
  struct Envelope: Sendable {
    private let members: [(String, JSONText)]

    init(
      _ version: StatelessVersion, _ capabilities: ClientCapabilities, _ clientInfo: JSONText
    ) {
      members = [
        (RequestEnvelope.Member.protocolVersion.rawValue, JSONText(string: version.rawValue)),
        (RequestEnvelope.Member.clientCapabilities.rawValue, capabilities.declaration),
        (RequestEnvelope.Member.clientInfo.rawValue, clientInfo),
      ]
    }

    func added(to params: JSONText?, logLevel: LogLevel?) -> JSONText {
      let params = params ?? .emptyObject
      var all = members
      if let logLevel {
        let level = JSONText(string: logLevel.rawValue)
        all.append((RequestEnvelope.Member.logLevel.rawValue, level))
      }
      let given = params["_meta"].flatMap { $0.kind == .object ? $0 : nil }
      let meta = given.map { all.reduce($0) { $0.setting($1.0, to: $1.1) } }
      return params.setting("_meta", to: meta ?? JSONText(object: all))
    }
  }

  private static func violation(_ connection: MCPConnection, _ what: String) -> Fault {
    Fault(.protocolViolation, from: .server, "\(connection.server) \(what)")
  }
}
