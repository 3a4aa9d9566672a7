import Synchronization
import Wire

/// A client's session in the handshake revisions of MCP (2024-11-05 to 2025-11-25): keeps the order
/// of the handshake, knows what is in flight, and turns requests into calls.
final class GatewaySession: ClientSession {
  let id: String
  let identity: String
  private let core: GatewayCore
  private let state = Mutex(SessionState())
  private let outbox = Outbox()
  private let asks = SessionAsks()
  private let servers: SessionServers
  /// Lists of servers that differ, in this session alone, from what was listed at the start.
  private let directory = SessionDirectory()

  init(id: String, identity: String, core: GatewayCore) {
    self.id = id
    self.identity = identity
    self.core = core
    // A server's signals come before the session exists; they go through a box set below.
    let relay = SignalRelay()
    servers = SessionServers(session: id) { relay.send($0, $1) }
    relay.receive { [weak self] server, signal in self?.take(signal, from: server) }
  }

  var unsolicited: AsyncStream<Message> { outbox.stream() }

  func begin(_ message: Message) -> Begun {
    switch message {
    case .request(let id, "initialize", let params): .answer(initialize(id, params))
    case .request(let id, "ping", _): .answer(.result(id: id, .emptyObject))
    case .request(let id, let method, let params): begin(id, method, params)
    case .notification("notifications/cancelled", let params): cancel(params)
    case .notification: .nothing
    case .result(let id, let answer): take { asks.take(answer, of: id) }
    case .failure(let id, let error): take { asks.take(error, of: id) }
    }
  }

  func release() async { await servers.release() }

  func end() async {
    for call in state.withLock({ $0.end() }) { call.cancel() }
    asks.close()
    outbox.close()
    await servers.close()
    core.forget(self)
  }

  /// Ends this session's instances of servers that are not what they were.
  func retireServers(except servers: [String: PlannedServer]) {
    self.servers.retire(except: servers).forEach(forgetLists)
  }

  /// What an instance listed is over with it: the next one begins as the server always does.
  private func forgetLists(of server: String) {
    if directory.update(server, nil, over: core.snapshot) { announceChanges() }
  }

  /// Tells the client that lists may have changed, once it has been initialized.
  func announceChanges() {
    guard case .ready = state.withLock({ $0.phase }) else { return }
    for kind in ["tools", "prompts", "resources"] {
      outbox.put(.notification(method: "notifications/\(kind)/list_changed", params: nil))
    }
  }

  private func take(_ answer: () -> Void) -> Begun {
    answer()
    return .nothing
  }

  private func initialize(_ id: RequestID, _ params: JSONText?) -> Message {
    do {
      let version = try state.withLock { state throws(RPCError) in try state.initialize(params) }
      core.log("- Client initialized \(state.withLock { $0.clientName }) (\(version.rawValue))")
      return .result(id: id, GatewayHello.result(version))
    } catch {
      return .failure(id: id, error)
    }
  }

  private func cancel(_ params: JSONText?) -> Begun {
    state.withLock { $0.cancelled(params) }?.cancel()
    return .nothing
  }

  private func begin(_ id: RequestID, _ method: String, _ params: JSONText?) -> Begun {
    let handle = CallHandle()
    do {
      try state.withLock { state throws(RPCError) in
        try state.admit(id, handle)
      }
    } catch { return .answer(.failure(id: id, error)) }
    let admission = Admission { [self] in state.withLock { $0.finish(id, handle) } }
    return .work(
      Exchange { [self] emit in
        defer { admission.end() }
        let answer = await handle.run(on: core.executor) {
          await self.answer(method, params, ClientStream(id: id, handle: handle, emit: emit))
        }
        return handle.isCancelled ? nil : answer
      })
  }

  private func answer(
    _ method: String, _ params: JSONText?, _ stream: ClientStream
  ) async -> Message {
    let id = stream.id
    do {
      return .result(id: id, try await result(of: method, params, stream))
    } catch let error as RPCError {
      return .failure(id: id, error)
    } catch let refusal as Refusal {
      return method == Call.Method.callTool.rawValue
        ? .result(id: id, refusal.toolResult.text) : .failure(id: id, refusal.rpcError)
    } catch let fault as Fault {
      return method == Call.Method.callTool.rawValue
        ? .result(id: id, fault.toolResult.text) : .failure(id: id, fault.rpcError)
    } catch {
      core.log("! \(method): \(PrintableText("\(error)"))")
      return .failure(id: id, .internal("the gateway failed; its log says more"))
    }
  }

  private func result(
    of method: String, _ params: JSONText?, _ stream: ClientStream
  ) async throws -> JSONText {
    switch method {
    case "tools/list": return try await list(params).toolsList
    case "prompts/list": return try await list(params).promptsList
    case "resources/list": return try await list(params).resourcesList
    case "resources/templates/list": return try await list(params).templatesList
    case "logging/setLevel":
      try state.withLock { state throws(RPCError) in try state.setLogLevel(params) }
      return .emptyObject
    default:
      guard let kind = Call.Method(rawValue: method) else { throw RPCError.methodNotFound(method) }
      return try await call(kind, params ?? .emptyObject, stream)
    }
  }

  private func list(_ params: JSONText?) async throws -> Directory {
    if params?["cursor"] != nil { throw RPCError.invalidParams("no such cursor") }
    await core.waitUntilListed()
    return directory.current(over: core.snapshot)
  }

  private func call(
    _ method: Call.Method, _ params: JSONText, _ stream: ClientStream
  ) async throws -> JSONText {
    let request = try CallRequest(method, params)
    // A name that is known is not kept waiting for servers that are slow to list.
    if case .unknown = request.find(in: directory.current(over: core.snapshot)) {
      await core.waitUntilListed()
    }
    let snapshot = core.snapshot
    let route = try request.route(in: directory.current(over: snapshot))
    let (name, capabilities) = state.withLock { ($0.clientName, $0.capabilities) }
    let caller = caller(name)
    let call = Call(
      id: core.nextCallID(), caller: caller, server: route.server, method: method,
      target: route.name, params: request.params(for: route))
    let token = params["_meta"]?["progressToken"]
    let link = ClientLink(
      tenant: Tenant(capabilities: capabilities) { [self] in try await askUnprompted($0, caller) },
      wantsProgress: token != nil,
      deliver: { [self] event in
        if let message = notification(of: event, token: token) { await stream.emit(message) }
      },
      ask: { [self] ask in
        try await asks.put(ask) { [self] message in await send(message, on: stream) }
      })
    let result = try await core.carry(call, on: snapshot, for: servers, link)
    return request.presented(result.text, route)
  }

  private func caller(_ clientName: String) -> Caller {
    Caller(identity: identity, session: String(id.prefix(8)), clientName: clientName)
  }

  /// A long-lived server asks something while no call of this session is in flight on it.
  private func askUnprompted(_ ask: ServerAsk, _ caller: Caller) async throws -> JSONText {
    try await core.carry(
      ask, to: caller, during: nil, by: core.snapshot.generation.pipeline
    ) { [asks, outbox] ask in
      try await asks.put(ask) { message in outbox.put(message) }
    }
  }

  /// Sends what belongs to a request before its answer; after it, as what belongs to none.
  private func send(_ message: Message, on stream: ClientStream) async {
    let isOpen =
      !stream.handle.isCancelled
      && state.withLock { $0.isInFlight(stream.id, stream.handle) }
    if isOpen { await stream.emit(message) } else { outbox.put(message) }
  }

  /// What the client hears of an event; nil where it did not ask for it.
  private func notification(of event: ServerEvent, token: JSONText?) -> Message? {
    switch event {
    case .progress(let params):
      return token.map {
        .notification(
          method: "notifications/progress", params: params.setting("progressToken", to: $0))
      }
    case .log(let params):
      let level = params["level"]?.string.flatMap(LogLevel.init(rawValue:))
      guard let level, state.withLock({ $0.wants(level) }) else { return nil }
      return .notification(method: "notifications/message", params: params)
    }
  }

  private func take(_ signal: ServerSignal, from server: String) {
    switch signal {
    case .log(let params):
      guard core.admits(params, from: server),
        let message = notification(of: .log(params), token: nil)
      else { return }
      outbox.put(message)
    case .listChanged:
      if directory.beginRelisting(server) { Task { await relist(server) } }
    case .ended: forgetLists(of: server)
    }
  }

  /// Reads a server's lists again, on the instance that says they changed; only this session sees
  /// the difference, because the instance is its own.
  private func relist(_ server: String) async {
    repeat {
      // Nobody cancels this task; it ends when its server is gone.
      try? await Task.sleep(for: directory.pauseBeforeRelisting(server))
      guard let live = servers.running(server) else { continue }
      do {
        let listing = try await core.list(live, server)
        // What an instance says that ended meanwhile is over with it.
        guard servers.running(server) != nil else { continue }
        if directory.update(server, listing, over: core.snapshot) { announceChanges() }
      } catch {
        core.logListingFailure(error, server)
      }
    } while directory.mustRelist(server)
  }
}

/// Where a request in flight hears of what comes before its answer.
private struct ClientStream: Sendable {
  let id: RequestID
  let handle: CallHandle
  let emit: Exchange.Emit
}

/// Hands signals to a receiver that is set after the sender was made.
private final class SignalRelay: Sendable {
  private let receiver = Mutex<(@Sendable (String, ServerSignal) -> Void)?>(nil)

  func receive(_ receiver: @escaping @Sendable (String, ServerSignal) -> Void) {
    self.receiver.withLock { $0 = receiver }
  }

  func send(_ server: String, _ signal: ServerSignal) {
    receiver.withLock { $0 }?(server, signal)
  }
}
