import Interceptors
import Synchronization
import Wire

/// A client's session in the handshake revisions of MCP (2024-11-05 to 2025-11-25): keeps the order
/// of the handshake, knows what is in flight, and turns requests into calls.
final class GatewaySession: ClientSession {
  let id: String
  let identity: String
  let core: GatewayCore
  let state = Mutex(SessionState())
  let outbox = Outbox()
  let asks = SessionAsks()
  let servers: SessionServers
  /// Lists of servers that differ, in this session alone, from what was listed at the start.
  let directory = SessionDirectory()
  let subscriptions = Mutex(Subscriptions())
  let links = Mutex(HandedOutLinks())
  let tasks = Mutex(SessionTasks())
  /// URLs that servers have sent the person to.
  let elicitations = Mutex(OpenedElicitations())

  init(id: String, identity: String, core: GatewayCore) {
    self.id = id
    self.identity = identity
    self.core = core
    // Servers speak to the session that holds them; it exists only after they do.
    let relay = WeakRelay<GatewaySession>()
    servers = SessionServers(session: id) { server, live in
      await relay.target?.renewSubscriptions(of: server, on: live)
    } onSignal: { server, signal in
      relay.target?.take(signal, from: server)
    }
    relay.target = self
  }

  var unsolicited: AsyncStream<Message> { outbox.stream() }
  var acceptsBatches: Bool { state.withLock { $0.acceptsBatches } }

  func begin(_ message: Message, scopes: Set<String>) -> Begun {
    switch message {
    case .request(let id, "initialize", let params): return .answer(initialize(id, params))
    case .request(let id, "ping", _): return .answer(.result(id: id, .emptyObject))
    case .request(let id, let method, let params): return begin(id, method, params, scopes)
    case .notification(let method, let params): take(method, params)
    case .result(let id, let answer): asks.take(answer, of: id)
    case .failure(let id, let error): asks.take(error, of: id)
    }
    return .nothing
  }

  func release() async {
    for server in await servers.release() { lost(server, restarting: false) }
  }

  func end() async {
    for call in state.withLock({ $0.end() }) { call.cancel() }
    asks.close()
    outbox.close()
    await servers.close()
    core.forget(self)
  }

  /// Ends this session's instances of servers that are not what they were.
  func retireServers(except servers: [String: PlannedServer]) {
    for server in self.servers.retire(except: servers) { lost(server) }
  }

  /// Tells the client that lists may have changed, once it has been initialized.
  func announceChanges() {
    guard case .ready = state.withLock({ $0.phase }) else { return }
    for kind in ["tools", "prompts", "resources"] {
      outbox.put(.notification(method: "notifications/\(kind)/list_changed", params: nil))
    }
  }

  private func initialize(_ id: RequestID, _ params: JSONText?) -> Message {
    do {
      let version = try state.withLock { state throws(RPCError) in try state.initialize(params) }
      core.log("- Client initialized \(state.withLock { $0.client.name }) (\(version.rawValue))")
      return .result(id: id, GatewayHello.result(version, core.snapshot))
    } catch {
      return .failure(id: id, error)
    }
  }

  /// Notifications that mean nothing to us, or come too early, are ignored.
  private func take(_ method: String, _ params: JSONText?) {
    switch method {
    case "notifications/cancelled": state.withLock { $0.cancelled(params) }?.cancel()
    case "notifications/roots/list_changed":
      if state.withLock({ $0.client.capabilities.roots?.listChanged == true }) {
        servers.notifyRunning(method)
      }
    default: break
    }
  }

  private func begin(
    _ id: RequestID, _ method: String, _ params: JSONText?, _ scopes: Set<String>
  ) -> Begun {
    let handle = CallHandle(scopes: scopes)
    do {
      try state.withLock { state throws(RPCError) in
        try state.admit(id, handle)
      }
    } catch {
      if let kind = Call.Method(rawValue: method) {
        let caller = caller(state.withLock(\.client))
        core.turnAway(kind, params ?? .emptyObject, by: caller, .unusable(error))
      }
      return .answer(.failure(id: id, error))
    }
    let admission = Admission { [self] in state.withLock { $0.finish(id, handle) } }
    return .work(
      Exchange(handle, on: core.executor) { [self] emit in
        defer { admission.end() }
        return await answer(method, params, ClientStream(id: id, handle: handle, emit: emit))
      })
  }

  private func answer(
    _ method: String, _ params: JSONText?, _ stream: ClientStream
  ) async -> Message {
    do {
      return .result(id: stream.id, try await result(of: method, params, stream))
    } catch {
      return Message(failing: method, stream.id, error, log: core.log)
    }
  }

  private func result(
    of method: String, _ params: JSONText?, _ stream: ClientStream
  ) async throws -> JSONText {
    switch method {
    case "tools/list": return try await currentDirectory.handshakeToolPages.result(params)
    case "prompts/list": return try await currentDirectory.promptPages.result(params)
    case "resources/list": return try await currentDirectory.resourcePages.result(params)
    case "resources/templates/list": return try await currentDirectory.templatePages.result(params)
    case "logging/setLevel": return try await setLogLevel(params)
    case Call.Method.subscribe.rawValue: return try await subscribe(params ?? .emptyObject, stream)
    case Call.Method.unsubscribe.rawValue:
      return try await unsubscribe(params ?? .emptyObject, stream)
    case "tasks/list": return try await listTasks(params, stream)
    case Call.Method.getTask.rawValue, Call.Method.taskResult.rawValue,
      Call.Method.cancelTask.rawValue:
      guard let kind = Call.Method(rawValue: method) else { throw RPCError.methodNotFound(method) }
      return try await aboutTask(kind, params ?? .emptyObject, stream)
    default:
      guard let kind = Call.Method(rawValue: method) else { throw RPCError.methodNotFound(method) }
      return try await call(kind, params ?? .emptyObject, stream)
    }
  }

  private var currentDirectory: Directory {
    get async {
      await core.waitUntilListed()
      return directory.current(over: core.snapshot)
    }
  }

  /// The client filters what it gets; servers that can are told not to send the rest.
  private func setLogLevel(_ params: JSONText?) async throws -> JSONText {
    let level = try state.withLock { state throws(RPCError) in try state.setLogLevel(params) }
    await withTaskGroup { group in
      for live in servers.allRunning { group.addTask { await live.setLogLevel(level) } }
    }
    return .emptyObject
  }
}
