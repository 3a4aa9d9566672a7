import Wire

/// What the session's own servers say outside of calls.
extension GatewaySession {
  func take(_ signal: ServerSignal, from server: String) {
    switch signal {
    case .event(let event):
      if core.admits(event.params, from: server) { announce(event, from: server) }
    case .resourceUpdated(let params):
      if core.admits(params, from: server) { announceUpdate(params, of: server) }
    case .taskStatus(let params):
      if core.admits(params, from: server), let message = taskStatus(params, of: server) {
        outbox.put(message)
      }
    case .listChanged:
      if directory.beginRelisting(server) { Task { await relist(server) } }
    case .ended:
      tasks.withLock { $0.forgetAll(of: server) }
      forgetLists(of: server)
      if subscriptions.withLock({ $0.has(server) }) { Task { await restart(server) } }
    }
  }

  private func announce(_ event: ServerEvent, from server: String) {
    let message: Message? =
      switch event {
      // Belongs to a call, and none is in flight.
      case .progress: nil
      case .log(let params): logMessage(params)
      case .elicitationComplete(let params): completion(params, from: server)
      }
    if let message { outbox.put(message) }
  }

  /// What an instance listed is over with it: the next one begins as the server always does.
  func forgetLists(of server: String) {
    if directory.update(server, nil, over: core.snapshot) { announceChanges() }
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
