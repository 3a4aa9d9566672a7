import Wire

/// The side that clients see: one of the transports, its port taken.
enum Front: Sendable {
  case stdio(StdioTransport)
  case http(HTTPTransport, HTTPEndpoint, ClientCredentials)

  static func open(
    _ settings: Settings, _ credentials: ClientCredentials, executor: LoopExecutor?
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
      endpoint, host: settings.host, port: settings.port,
      authenticator: credentials.authenticator)
    configuration.publicHost = settings.publicURL.flatMap { try? RemoteURL($0) }?.hostText
    configuration.allow(
      sessions: settings.maxSessions, perIdentity: settings.maxClientSessions)
    return .http(try await HTTPTransport.bind(configuration), endpoint, credentials)
  }

  /// Said once clients can come; tools wait for these lines.
  func announce(_ console: Console) {
    switch self {
    case .stdio: console.line("> Start stdio server")
    case .http(let transport, let endpoint, let credentials):
      credentials.announce(console)
      console.line("> Start \(endpoint) server on port \(transport.port)")
      console.line("> Listening on \(transport.url)")
    }
  }

  /// Serves clients of `core` until they are done or the task is cancelled; nil if all is well.
  /// With `watching` the files of clients' credentials are read again when they change.
  func serve(_ core: GatewayCore, watching console: Console?) async -> Problem? {
    switch self {
    case .stdio(let transport):
      let session: any ClientSession
      do { session = try core.connect(identity: "local") } catch {
        return Problem(source: "stdio", error.message)
      }
      guard case .failed(let problem) = await transport.run(session) else { return nil }
      return problem
    case .http(let transport, _, let credentials):
      let following = Task { if let console { await credentials.follow(console) } }
      defer { following.cancel() }
      do { try await transport.serve(core) } catch { return error }
      return nil
    }
  }
}
