import Wire

/// A server that has been started and has answered `initialize`.
struct LiveServer: Sendable {
  let connection: MCPConnection
  let hello: ServerHandshake.Hello
  /// Released when the server is closed; nil for servers that take no container.
  let slot: ContainerSlots.Slot?
  /// The Id of the image that it runs, where it runs in a container of ours.
  var image: String?
  let toldLogLevel = ToldLogLevel()

  /// Ends the server at once; returns when nothing of it remains.
  func abort() async {
    await connection.abort()
    slot?.release()
  }

  /// Ends the server; returns when nothing of it remains.
  func close() async {
    await connection.close()
    slot?.release()
  }
}

/// Starts servers. The one way in which a server comes to life, whatever carries it.
struct ServerStarter: Sendable {
  /// Opens a channel to a fresh instance of a server, for the client session named (nil: listing).
  typealias Open =
    @Sendable (_ server: PlannedServer, _ session: String?) async throws -> any MessageChannel

  let open: Open
  let slots: ContainerSlots
  let farewells: Farewells
  let startTimeout: Duration
  /// Where messages of servers are read and calls run; nil: on the cooperative threads.
  var executor: (any TaskExecutor)?
  /// Gets what an operator should know of a server, in words that may be the server's own.
  var onNotice: @Sendable (_ server: String, _ line: String) -> Void = { _, _ in }

  /// Starts `server` and performs the handshake. On any failure nothing remains, and the fault says
  /// why in the server's own words where there are any.
  func start(
    _ server: PlannedServer, session: String?, for tenant: Tenant,
    urgency: ContainerSlots.Urgency = .call,
    onSignal: @escaping @Sendable (ServerSignal) -> Void = { _ in }
  ) async throws -> LiveServer {
    let slot = server.usesContainer ? try await slots.acquire(urgency, within: startTimeout) : nil
    let channel: any MessageChannel
    do { channel = try await open(server, session) } catch {
      slot?.release()
      throw error
    }
    let connection = MCPConnection(
      server: server.name, channel: channel, executor: executor, tenant: tenant,
      onSignal: onSignal, onNotice: { [onNotice] in onNotice(server.name, $0) })
    do {
      let hello = try await ServerHandshake.perform(on: connection, within: startTimeout)
      return LiveServer(connection: connection, hello: hello, slot: slot, image: channel.image)
    } catch {
      let reason = await Self.describe(error, connection)
      await connection.close()
      slot?.release()
      throw reason
    }
  }

  private static func describe(_ error: any Error, _ connection: MCPConnection) async -> Fault {
    let details = await connection.diagnosis()
    let suffix = details.isEmpty ? "" : ": \(details)"
    switch error {
    case let fault as Fault where fault.kind == .cancelled: return fault
    case let fault as Fault where fault.kind == .timeout:
      return Fault(
        .serverStart, from: .server,
        "\(connection.server) did not answer initialize in time\(suffix)", isRetryable: true)
    case let fault as Fault:
      return Fault(
        .serverStart, from: fault.source,
        "\(connection.server) did not start: \(fault.message)", isRetryable: fault.isRetryable)
    case let error as RPCError:
      return Fault(
        .serverStart, from: .server,
        "\(connection.server) refused initialize (error \(error.code))\(suffix)")
    default:
      return Fault(.serverStart, from: .server, "\(connection.server) did not start\(suffix)")
    }
  }
}
