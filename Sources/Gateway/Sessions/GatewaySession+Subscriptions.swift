import Wire

/// `resources/subscribe`: the session keeps a running instance of the server, and hears of updates
/// under the URI that the client used.
extension GatewaySession {
  func subscribe(_ params: JSONText, _ stream: ClientStream) async throws -> JSONText {
    let (request, snapshot, route) = try await telling(of: .subscribe, params) {
      try await subscribable(params)
    }
    let uri = request.name
    let isFirst = try await telling(of: .subscribe, params) {
      try subscriptions.withLock { subscriptions throws(Refusal) in
        try subscriptions.add(uri, route)
      }
    }
    guard isFirst else { return .emptyObject }
    do {
      let result = try await carry(request, along: route, on: snapshot, stream)
      subscriptions.withLock { $0.hold(route) }
      return result
    } catch {
      _ = subscriptions.withLock { $0.remove(uri) }
      throw error
    }
  }

  private func subscribable(
    _ params: JSONText
  ) async throws -> (CallRequest, Snapshot, Directory.Route) {
    let request = try CallRequest(.subscribe, params)
    let snapshot = await snapshot(knowing: request)
    let route = try route(request, on: snapshot)
    guard snapshot.generation.servers[route.server]?.lifetime == .session else {
      throw RPCError.invalidParams(
        "\(route.server) runs anew for each call and cannot announce updates; its operator can make "
          + "it long-lived")
    }
    return (request, snapshot, route)
  }

  func unsubscribe(_ params: JSONText, _ stream: ClientStream) async throws -> JSONText {
    let (request, route, isLast) = try await telling(of: .unsubscribe, params) {
      let request = try CallRequest(.unsubscribe, params)
      guard let (route, isLast) = subscriptions.withLock({ $0.remove(request.name) }) else {
        throw RPCError.invalidParams("not subscribed to \(PrintableText(request.name))")
      }
      return (request, route, isLast)
    }
    // An instance that has ended announces nothing any more.
    guard isLast, servers.running(route.server) != nil else { return .emptyObject }
    return try await carry(request, along: route, on: core.snapshot, stream)
  }

  func announceUpdate(_ params: JSONText, of server: String) {
    guard let own = params["uri"]?.string else { return }
    for uri in subscriptions.withLock({ $0.audience(of: own, server) }) {
      outbox.put(
        .notification(
          method: "notifications/resources/updated",
          params: params.setting("uri", to: JSONText(string: uri))))
    }
  }

  /// A new instance knows nothing of what an earlier one was asked to announce. The URIs passed the
  /// pipeline when the client subscribed.
  func renewSubscriptions(of server: String, on live: LiveServer) async {
    for uri in subscriptions.withLock({ $0.uris(of: server) }) {
      let params = JSONText(object: [("uri", JSONText(string: uri))])
      do {
        _ = try await live.subscribe(.subscribe, params, within: .seconds(10))
      } catch {
        core.log("! \(server): a subscription could not be renewed")
      }
    }
  }

  /// The client still waits for updates of a server that has ended.
  func restart(_ server: String) async {
    let pause = subscriptions.withLock { $0.pauseBeforeRestart(server, now: .now) }
    // Nobody cancels this task; without subscriptions there is nothing to do.
    try? await Task.sleep(for: pause)
    let generation = core.snapshot.generation
    guard subscriptions.withLock({ $0.has(server) }), let planned = generation.servers[server],
      planned.lifetime == .session
    else { return }
    do {
      try await servers.withInstance(
        of: planned, by: generation.starter, for: tenant(state.withLock(\.client))
      ) { _ in }
    } catch {
      core.log("! \(server): ended and did not start again; its updates are not announced")
    }
  }
}
