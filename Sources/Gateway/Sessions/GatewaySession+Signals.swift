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
      if directory.beginRelisting(server) {
        Task {
          await directory.relist(server, on: servers, of: core, announce: announceChanges)
        }
      }
    case .ended: lost(server)
    }
  }

  /// An instance is gone: its tasks and what it listed are over with it, and subscriptions need
  /// another, now or with the next call.
  func lost(_ server: String, restarting: Bool = true) {
    tasks.withLock { $0.forgetAll(of: server) }
    forgetLists(of: server)
    if restarting, subscriptions.withLock({ $0.has(server) }) { Task { await restart(server) } }
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
}
