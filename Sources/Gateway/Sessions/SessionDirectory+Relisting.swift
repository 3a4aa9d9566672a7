extension SessionDirectory {
  /// Reads a server's lists again, on the instance that says they changed; only whoever the instance
  /// serves sees the difference. Call it where ``beginRelisting(_:)`` allows it.
  ///
  /// - Parameter announce: called when what is listed has changed.
  func relist(
    _ server: String, on servers: SessionServers, of core: GatewayCore, announce: () -> Void
  ) async {
    repeat {
      // Nobody cancels this task; it ends when its server is gone.
      try? await Task.sleep(for: pauseBeforeRelisting(server))
      guard let live = servers.running(server) else { continue }
      do {
        let listing = try await core.list(live, server)
        // What an instance says that ended meanwhile is over with it.
        guard servers.running(server)?.connection === live.connection else { continue }
        if update(server, listing, over: core.snapshot) { announce() }
      } catch {
        core.logListingFailure(error, server)
      }
    } while mustRelist(server)
  }
}
