import Wire

/// The side that clients see: one of the transports, its port taken.
enum Front: Sendable {
  case stdio(StdioTransport)
  case http(HTTPTransport, HTTPEndpoint)

  static func open(
    _ settings: Settings, _ authenticator: Authenticator, executor: LoopExecutor?
  ) async throws(Problem) -> Front {
    let endpoint: HTTPEndpoint
    switch settings.transport {
    case .stdio:
      var transport = StdioTransport()
      transport.executor = executor
      return .stdio(transport)
    case .sse: endpoint = .sse
    case .streaming: endpoint = .streaming
    }
    var configuration = HTTPConfiguration(
      endpoint, host: settings.host, port: settings.port, authenticator: authenticator)
    configuration.allow(
      sessions: settings.maxSessions, perIdentity: settings.maxClientSessions)
    return .http(try await HTTPTransport.bind(configuration), endpoint)
  }

  /// Who may call over HTTP. Says on `console` how clients prove themselves.
  static func authenticator(
    _ settings: Settings, _ console: Console
  ) throws(Problem) -> Authenticator {
    guard settings.transport != .stdio else { return .allowUnauthenticated }
    // That everybody may call from elsewhere was said where the settings were read.
    if settings.allowUnauthenticated { return .allowUnauthenticated }
    if let given = settings.authToken {
      guard let token = BearerToken(given) else {
        throw Problem(
          source: "MCP_GATEWAY_AUTH_TOKEN", "the token cannot be sent in a header",
          hint: "use visible ASCII characters without spaces")
      }
      console.line("- Clients need the token in MCP_GATEWAY_AUTH_TOKEN")
      return .requiring(token)
    }
    let token = BearerToken.random()
    console.line("- Clients need this header: Authorization: Bearer \(token.secret)")
    return .requiring(token)
  }

  /// Said once clients can come; tools wait for these lines.
  func announce(_ console: Console) {
    switch self {
    case .stdio: console.line("> Start stdio server")
    case .http(let transport, let endpoint):
      console.line("> Start \(endpoint) server on port \(transport.port)")
      console.line("> Listening on \(transport.url)")
    }
  }

  /// Serves clients of `core` until they are done or the task is cancelled; nil if all is well.
  func serve(_ core: GatewayCore) async -> Problem? {
    switch self {
    case .stdio(let transport):
      let session: any ClientSession
      do { session = try core.connect(identity: "local") } catch {
        return Problem(source: "stdio", error.message)
      }
      guard case .failed(let problem) = await transport.run(session) else { return nil }
      return problem
    case .http(let transport, _):
      do { try await transport.serve(core) } catch { return error }
      return nil
    }
  }
}
