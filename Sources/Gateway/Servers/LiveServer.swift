import Wire

/// A server that has been started and has said what it offers.
struct LiveServer: Sendable {
  let connection: MCPConnection
  let hello: ServerHandshake.Hello
  /// Released when the server is closed; nil for servers that take no container.
  let slot: ContainerSlots.Slot?
  /// The Id of the image that it runs, where it runs in a container of ours.
  var image: String?
  let toldLogLevel = ToldLogLevel()
  /// Nil for servers that say unasked what changes.
  var listener: ServerListener?

  /// Ends the server at once; returns when nothing of it remains.
  func abort() async {
    listener?.stop()
    await connection.abort()
    slot?.release()
  }

  /// Ends the server; returns when nothing of it remains.
  func close() async {
    listener?.stop()
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
  var eras = ServerEras()
  /// Where messages of servers are read and calls run; nil: where a server is started, which is on
  /// its client's event loop or on the cooperative threads.
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
    let executor = executor ?? LoopExecutor.current
    let opening = EraOpening(
      server: server, tenant: tenant, eras: eras, limit: startTimeout
    ) { [open, executor, onNotice] in
      MCPConnection(
        server: server.name, channel: try await open(server, session), executor: executor,
        tenant: tenant, onSignal: onSignal, onNotice: { onNotice(server.name, $0) })
    }
    do {
      let (connection, hello) = try await opening.run()
      var live = LiveServer(
        connection: connection, hello: hello, slot: slot, image: connection.image)
      // Instances for one call, or for a list, are over before anything changes.
      if case .stateless = hello.revision, server.lifetime == .session, session != nil {
        live.listener = ServerListener(connection)
        live.listener?.start()
      }
      return live
    } catch {
      slot?.release()
      throw error
    }
  }
}
