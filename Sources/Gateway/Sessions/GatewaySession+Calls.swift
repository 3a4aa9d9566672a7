import Interceptors
import Wire

/// Where a request in flight hears of what comes before its answer.
struct ClientStream: Sendable {
  let id: RequestID
  let handle: CallHandle
  let emit: Exchange.Emit
}

/// What is asked of a server: a call that nobody makes yet.
struct CallOrder: Sendable {
  let method: Call.Method
  let route: Directory.Route
  /// What the client calls it.
  let exposedName: String
  /// As the server gets them.
  let params: JSONText
  /// As the client gave it.
  let progressToken: JSONText?
}

/// Requests that become calls.
extension GatewaySession {
  func call(
    _ method: Call.Method, _ params: JSONText, _ stream: ClientStream
  ) async throws -> JSONText {
    let (request, snapshot, route) = try await telling(of: method, params) {
      () -> (CallRequest, Snapshot, Directory.Route) in
      let request = try CallRequest(method, params)
      _ = try request.progressToken
      let snapshot = await self.snapshot(knowing: request)
      return (request, snapshot, try self.route(request, on: snapshot))
    }
    if let task = try await begin(request, params, asTaskOn: route, in: snapshot, stream) {
      return task
    }
    return try await carry(request, along: route, on: snapshot, stream)
  }

  /// Has a request recorded that `find` refuses.
  func telling<Found>(
    of method: Call.Method, _ params: JSONText, _ find: () async throws -> Found
  ) async throws -> Found {
    try await core.telling(of: method, params, by: caller(state.withLock(\.client)), find)
  }

  /// A name that is known is not kept waiting for servers that are slow to list.
  func snapshot(knowing request: CallRequest) async -> Snapshot {
    if case .unknown = request.find(in: directory.current(over: core.snapshot)) {
      await core.waitUntilListed()
    }
    return core.snapshot
  }

  /// What the lists do not name may have been linked to.
  func route(_ request: CallRequest, on snapshot: Snapshot) throws -> Directory.Route {
    var found = request.find(in: directory.current(over: snapshot))
    if found == .unknown, let uri = request.resource {
      found = links.withLock { $0.find(uri) }
    }
    return try request.route(found)
  }

  func carry(
    _ request: CallRequest, along route: Directory.Route, on snapshot: Snapshot,
    _ stream: ClientStream
  ) async throws -> JSONText {
    let order = CallOrder(
      method: request.method, route: route, exposedName: request.name,
      params: request.params(for: route),
      progressToken: try request.progressToken)
    return request.presented(try await carry(order, on: snapshot, stream), of: route.name)
  }

  func carry(
    _ order: CallOrder, on snapshot: Snapshot, _ stream: ClientStream
  ) async throws -> JSONText {
    let client = state.withLock(\.client)
    let call = Call(
      id: core.nextCallID(), caller: caller(client, stream.handle.scopes),
      server: order.route.server, method: order.method, target: order.route.name,
      exposedName: order.exposedName,
      definition: directory.current(over: snapshot).definition(of: order.route, order.method),
      params: RequestEnvelope.removed(from: order.params))
    let notices = CallNotices(token: order.progressToken)
    let result: CallResult
    do {
      result = try await core.carry(
        call, on: snapshot, for: servers, link(of: call, client, notices, stream))
    } catch let error as RPCError where error.code == RPCError.urlElicitationRequired {
      return try present(error, of: call, client)
    }
    await finish(notices, of: call, stream)
    let linked = snapshot.linked(
      result.text, of: call, in: directory.current(over: snapshot)
    ) { uri in links.withLock { $0.add(uri, of: call.server) } }
    return client.version.presenting(linked, of: call.method)
  }

  func caller(_ client: SessionState.Client, _ scopes: Set<String> = []) -> Caller {
    Caller(
      identity: identity, scopes: scopes, session: String(id.prefix(8)), clientName: client.name,
      clientVersion: client.softwareVersion)
  }

  private func link(
    of call: Call, _ client: SessionState.Client, _ notices: CallNotices, _ stream: ClientStream
  ) -> ClientLink {
    ClientLink(
      tenant: tenant(client), wantsProgress: notices.wantsProgress,
      logLevel: state.withLock { $0.logLevel },
      deliver: { [self] event in
        if let message = notification(of: event, from: call.server, notices) {
          await stream.emit(message)
        }
      },
      ask: { [self] ask in
        try await put(ask, to: client) { [self] message in await send(message, on: stream) }
      })
  }

  /// What comes of events that were held back to keep the pace.
  private func finish(_ notices: CallNotices, of call: Call, _ stream: ClientStream) async {
    let (progress, logs) = notices.end()
    if let progress {
      await stream.emit(.notification(method: "notifications/progress", params: progress))
    }
    if logs > 0 {
      core.log("! \(call.server): \(logs) log messages of [\(call.id)] came too fast; left out")
    }
  }

  /// What the client hears of an event; nil where it did not ask for it, or too much comes.
  private func notification(
    of event: ServerEvent, from server: String, _ notices: CallNotices
  ) -> Message? {
    switch event {
    case .progress(let params):
      return notices.progress(params, now: .now).map {
        .notification(method: "notifications/progress", params: $0)
      }
    case .log(let params):
      guard let message = logMessage(params), notices.admitsLog(now: .now) else { return nil }
      return message
    case .elicitationComplete(let params): return completion(params, from: server)
    }
  }

  /// Nil for levels that the client does not want, or that do not exist.
  func logMessage(_ params: JSONText) -> Message? {
    let level = params["level"]?.string.flatMap(LogLevel.init(rawValue:))
    guard let level, state.withLock({ $0.wants(level) }) else { return nil }
    return .notification(method: "notifications/message", params: params)
  }

  // MARK: What servers ask

  func tenant(_ client: SessionState.Client) -> Tenant {
    Tenant(capabilities: client.capabilities) { [weak self] ask in
      guard let self else { throw Fault(.cancelled, from: .client, "the client has gone") }
      return try await askUnprompted(ask, client)
    }
  }

  /// A long-lived server asks something while no call of this session is in flight on it.
  private func askUnprompted(
    _ ask: ServerAsk, _ client: SessionState.Client
  ) async throws -> JSONText {
    let generation = core.snapshot.generation
    return try await core.carry(ask, to: caller(client), during: nil, by: generation) {
      [self] ask in
      try await put(ask, to: client) { [outbox] message in outbox.put(message) }
    }
  }

  private func put(
    _ ask: ServerAsk, to client: SessionState.Client, send: @escaping SessionAsks.Send
  ) async throws -> JSONText {
    if let id = ask.params["elicitationId"]?.string, ask.method == .elicit {
      elicitations.withLock { $0.open(id, of: ask.server) }
    }
    var ask = ask
    ask.params = client.version.presenting(messagesOf: ask.params)
    ask.params = renamingTasks(in: ask.params, of: ask.server)
    return try await asks.put(ask, send: send)
  }

  /// Sends what belongs to a request before its answer; after it, as what belongs to none.
  private func send(_ message: Message, on stream: ClientStream) async {
    let isOpen =
      !stream.handle.isCancelled
      && state.withLock { $0.isInFlight(stream.id, stream.handle) }
    if isOpen { await stream.emit(message) } else { outbox.put(message) }
  }

  // MARK: URLs that a person has to open

  /// A server that cannot go on before the person has opened URLs says so with an error that only
  /// some clients know.
  private func present(
    _ error: RPCError, of call: Call, _ client: SessionState.Client
  ) throws -> JSONText {
    guard client.capabilities.elicitation?.url != true else {
      for id in error.elicitationIDs {
        elicitations.withLock { $0.open(id, of: call.server) }
      }
      throw error
    }
    let words = error.inWords(of: call.server)
    guard call.method.answersWithToolResult else { throw RPCError.internal(words) }
    return JSONText(object: [
      ("content", JSONText(array: [ContentBlock.text(words)])), ("isError", JSONText(true)),
    ])
  }

  /// Only of what this server has asked: it could speak for another one's otherwise.
  func completion(_ params: JSONText, from server: String) -> Message? {
    guard let id = params["elicitationId"]?.string,
      elicitations.withLock({ $0.complete(id, of: server) })
    else { return nil }
    return .notification(method: "notifications/elicitation/complete", params: params)
  }
}
