import Synchronization
import Wire

/// The requests of one identity in the stateless era. Each stands alone: what one says of its client
/// is not known to the next. All that they share is the identity's long-lived servers, which no other
/// identity ever gets.
final class StatelessClient: Sendable {
  /// Requests of one identity at the same time; more are refused, not queued.
  static let mostInFlight = 256

  private struct State {
    var inFlight = 0
    var lastUsed = ContinuousClock.now
    var isEnded = false
  }

  let identity: String
  let core: GatewayCore
  let servers: StatelessServers
  /// Lists of servers that differ, for this identity, from what was listed at the start.
  let directory = SessionDirectory()
  let links = Mutex(HandedOutLinks())
  let listeners = Mutex<[StatelessListener]>([])
  /// How many listeners wait for updates of a resource.
  let watched = Mutex<[Watched: Int]>([:])
  /// A server is told in the order in which listeners come and go.
  let watching = Turns<Watched>()
  private let state = Mutex(State())

  init(identity: String, core: GatewayCore) {
    self.identity = identity
    self.core = core
    // Servers speak to the client that holds them; it exists only after they do.
    let relay = WeakRelay<StatelessClient>()
    servers = StatelessServers(
      onStart: { server, live, capabilities in
        await relay.target?.renew(server, on: live, capabilities)
      },
      onSignal: { server, signal, servers in relay.target?.take(signal, from: server, servers) },
      isWatched: { relay.target?.isWatched($0) == true })
    relay.target = self
  }

  /// Cancelling the task that runs it cancels the request, which then gets no answer. Nil if what the
  /// identity held has ended: the next request is another client's.
  func begin(_ request: StatelessRequest, _ handle: CallHandle) throws(Refusal) -> Exchange? {
    guard try enter() else { return nil }
    let admission = Admission { [self] in leave() }
    return Exchange(handle, on: core.executor) { [self] emit in
      defer { admission.end() }
      return await answer(request, emit)
    }
  }

  var isEnded: Bool { state.withLock { $0.isEnded } }

  /// Ends it, unless it is in use or was within `limit`; false if it goes on.
  func endIfIdle(for limit: Duration, now: ContinuousClock.Instant) -> Bool {
    state.withLock { state in
      guard state.inFlight == 0, now - state.lastUsed >= limit else { return false }
      state.isEnded = true
      return true
    }
  }

  private func enter() throws(Refusal) -> Bool {
    try state.withLock { state throws(Refusal) in
      guard !state.isEnded else { return false }
      guard state.inFlight < Self.mostInFlight else {
        throw Refusal(
          .overLimit, rule: "requests-in-flight",
          message: "\(Self.mostInFlight) requests are in flight; wait for an answer")
      }
      state.inFlight += 1
      return true
    }
  }

  private func leave() {
    state.withLock { state in
      state.inFlight -= 1
      state.lastUsed = .now
    }
  }

  func caller(_ request: StatelessRequest) -> Caller {
    Caller(
      identity: identity, scopes: request.scopes, session: "", clientName: request.clientName,
      clientVersion: request.clientVersion)
  }

  private func answer(
    _ request: StatelessRequest, _ emit: @escaping Exchange.Emit
  ) async -> Message {
    do {
      return .result(id: request.id, try await result(of: request, emit))
    } catch {
      return Message(failing: request.method, request.id, error, log: core.log).stateless
    }
  }

  private func result(
    of request: StatelessRequest, _ emit: @escaping Exchange.Emit
  ) async throws -> JSONText {
    switch request.method {
    case "server/discover": return StatelessResult.discovery(core.snapshot.offersSubscriptions)
    case "tools/list": return try await list(\.toolPages, request)
    case "prompts/list": return try await list(\.promptPages, request)
    case "resources/list": return try await list(\.resourcePages, request)
    case "resources/templates/list": return try await list(\.templatePages, request)
    case "subscriptions/listen": return StatelessResult.complete(try await listen(request, emit))
    default:
      guard let method = Call.Method(rawValue: request.method) else {
        throw RPCError.methodNotFound(request.method)
      }
      return try await call(method, request, emit)
    }
  }

  private func list(
    _ pages: KeyPath<Directory, ListPages>, _ request: StatelessRequest
  ) async throws -> JSONText {
    await core.waitUntilListed()
    return StatelessResult.list(
      try directory.current(over: core.snapshot)[keyPath: pages].result(request.params))
  }

  /// Ends instances of servers that are not what they were.
  func retireServers(except planned: [String: PlannedServer]) {
    servers.retire(except: planned).forEach(lost)
  }

  /// Nothing reaches a client of this era but with a request of its own.
  func tenant(_ capabilities: ClientCapabilities) -> Tenant {
    Tenant(capabilities: capabilities, era: .stateless) { ask in
      throw RPCError.invalidRequest("\(ask.method.rawValue): no request of the client is open")
    }
  }

  /// Ends what the identity holds. Returns when nothing of it remains.
  func end() async {
    state.withLock { $0.isEnded = true }
    for listener in listeners.withLock({ $0 }) { listener.end() }
    await servers.close()
  }
}
