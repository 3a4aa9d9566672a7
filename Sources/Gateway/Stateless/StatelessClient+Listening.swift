import Synchronization
import Wire

/// `subscriptions/listen`: the one way in which a client of the stateless era hears of changes. It lasts
/// as long as its request does.
extension StatelessClient {
  /// Streams of one identity at the same time.
  static let mostListeners = 64

  func listen(
    _ request: StatelessRequest, _ emit: @escaping Exchange.Emit
  ) async throws -> JSONText {
    let filter = try ListenFilter(request.params)
    let listener = StatelessListener(request.id, filter)
    let isAdmitted = listeners.withLock { listeners in
      guard listeners.count < Self.mostListeners else { return false }
      listeners.append(listener)
      return true
    }
    guard isAdmitted else {
      throw Refusal(
        .overLimit, rule: "listeners",
        message: "no more than \(Self.mostListeners) streams of changes can be open")
    }
    defer { listeners.withLock { $0.removeAll { $0 === listener } } }
    var held: [HeldSubscription] = []
    for uri in filter.uris {
      if let subscription = await hold(uri, listener, request) { held.append(subscription) }
    }
    // The task is cancelled where the client has gone; the server is told all the same.
    defer { Task { [held] in await release(held, request) } }
    await emit(listener.acknowledgement(filter.keeping(held.map(\.uri))))
    while let messages = await listener.next() {
      for message in messages { await emit(message) }
    }
    return listener.result
  }

  /// A resource that a listener waits for.
  private struct HeldSubscription: Sendable {
    let uri: String
    let key: Watched
    let call: CallRequest
  }

  /// A resource at the instance that announces its updates.
  struct Watched: Sendable, Hashable {
    let route: Directory.Route
    let capabilities: ClientCapabilities
  }

  /// Nil for a resource whose updates nobody announces: it is left out of the acknowledgement.
  private func hold(
    _ uri: String, _ listener: StatelessListener, _ request: StatelessRequest
  ) async -> HeldSubscription? {
    let params = JSONText(object: [("uri", JSONText(string: uri))])
    do {
      let (call, snapshot, route) = try await core.telling(
        of: .subscribe, params, by: caller(request)
      ) { () -> (CallRequest, Snapshot, Directory.Route) in
        let call = try CallRequest(.subscribe, params)
        let (snapshot, route) = try await find(call)
        return (call, snapshot, route)
      }
      guard snapshot.generation.servers[route.server]?.lifetime == .session else { return nil }
      let key = Watched(
        route: route, capabilities: ClientCapabilities(request.envelope.capabilities))
      try listener.add(uri, route)
      try await watching.take(key) {
        // Counted when it holds: an instance that starts for it is not told twice.
        if watched.withLock({ $0[key] == nil }) {
          try await carry(call, key, on: snapshot, request)
        }
        watched.withLock { $0[key, default: 0] += 1 }
      }
      return HeldSubscription(uri: uri, key: key, call: try CallRequest(.unsubscribe, params))
    } catch {
      core.log("! a resource cannot be listened for: \(PrintableText("\(error)"))")
      return nil
    }
  }

  /// Whether nobody watches it any more.
  private func forget(_ key: Watched) -> Bool {
    watched.withLock { watched in
      watched[key] = (watched[key] ?? 1) - 1
      guard watched[key] == 0 else { return false }
      watched[key] = nil
      return true
    }
  }

  private func release(_ held: [HeldSubscription], _ request: StatelessRequest) async {
    for subscription in held {
      await watching.take(subscription.key) { await forget(subscription, request) }
    }
  }

  private func forget(_ subscription: HeldSubscription, _ request: StatelessRequest) async {
    guard forget(subscription.key) else { return }
    // An instance that has ended announces nothing any more.
    let servers = servers.find(subscription.key.capabilities)
    guard servers?.running(subscription.key.route.server) != nil else { return }
    // A server that goes on announcing is not heard.
    try? await carry(subscription.call, subscription.key, on: core.snapshot, request)
  }

  private func carry(
    _ call: CallRequest, _ key: Watched, on snapshot: Snapshot, _ request: StatelessRequest
  ) async throws {
    let prepared = Call(
      id: core.nextCallID(), caller: caller(request), server: key.route.server,
      method: call.method, target: key.route.name, params: call.params(for: key.route))
    let link = ClientLink(
      tenant: tenant(key.capabilities), wantsProgress: false, deliver: { _ in },
      ask: { throw RPCError.methodNotFound($0.method.rawValue) })
    _ = try await core.carry(
      prepared, on: snapshot, for: servers.of(key.capabilities), link)
  }

  // MARK: What is heard

  /// Lists may have changed.
  func announceChanges() {
    for listener in listeners.withLock({ $0 }) { listener.announceLists() }
  }

  func take(_ signal: ServerSignal, from server: String, _ servers: SessionServers) {
    switch signal {
    // An event without a request is for nobody; tasks of the handshake era begin with one that this
    // era does not have.
    case .event, .taskStatus: break
    case .resourceUpdated(let params):
      guard core.admits(params, from: server) else { return }
      for listener in listeners.withLock({ $0 }) { listener.announceUpdate(params, of: server) }
    case .listChanged:
      if directory.beginRelisting(server) {
        Task {
          await directory.relist(server, on: servers, of: core, announce: announceChanges)
        }
      }
    case .ended: lost(server)
    }
  }

  func isWatched(_ capabilities: ClientCapabilities) -> Bool {
    watched.withLock { $0.keys.contains { $0.capabilities == capabilities } }
  }

  /// An instance is gone: what it listed is over with it, and listeners need another.
  func lost(_ server: String) {
    if directory.update(server, nil, over: core.snapshot) { announceChanges() }
    Task { await restart(server) }
  }

  /// A new instance knows nothing of what an earlier one was asked to announce. The URIs passed the
  /// pipeline when they were subscribed to.
  func renew(_ server: String, on live: LiveServer, _ capabilities: ClientCapabilities) async {
    let uris = watched.withLock { $0.keys }.filter {
      $0.route.server == server && $0.capabilities == capabilities
    }.map(\.route.name)
    for uri in Set(uris) {
      let params = JSONText(object: [("uri", JSONText(string: uri))])
      do { _ = try await live.subscribe(.subscribe, params, within: .seconds(10)) } catch {
        core.log("! \(server): a subscription could not be renewed")
      }
    }
  }

  /// Listeners still wait for updates of a server that has ended.
  private func restart(_ server: String) async {
    // Nobody cancels this task; without subscriptions there is nothing to do.
    try? await Task.sleep(for: directory.pauseBeforeRelisting(server))
    let kinds = Set(
      watched.withLock { $0.keys }.filter { $0.route.server == server }.map(\.capabilities))
    let generation = core.snapshot.generation
    guard let planned = generation.servers[server], planned.lifetime == .session else { return }
    for capabilities in kinds {
      do {
        try await servers.of(capabilities).withInstance(
          of: planned, by: generation.starter, for: tenant(capabilities)
        ) { _ in }
      } catch {
        core.log("! \(server): ended and did not start again; its updates are not announced")
      }
    }
  }
}
