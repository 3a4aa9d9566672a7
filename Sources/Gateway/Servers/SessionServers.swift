import Synchronization
import Wire

/// The long-lived servers of one client session: started at their first call, one instance each,
/// shared with no other session, ended with it.
final class SessionServers: Sendable {
  private struct Entry {
    let server: PlannedServer
    let start: Task<LiveServer, any Error>
    /// Set once the start has succeeded, so that a call need not wait for a finished task.
    var live: LiveServer?
  }

  private struct State {
    var entries: [String: Entry] = [:]
    var isClosed = false
  }

  private let session: String
  private let onSignal: @Sendable (_ server: String, ServerSignal) -> Void
  private let state = Mutex(State())

  init(session: String, onSignal: @escaping @Sendable (String, ServerSignal) -> Void) {
    self.session = session
    self.onSignal = onSignal
  }

  /// The session's instance of `server`; started if there is none, replaced if it has ended or the
  /// operator has changed what it is. Concurrent first calls share one start.
  func instance(of server: PlannedServer, by starter: ServerStarter) async throws -> LiveServer {
    let (start, live, retired) = try state.withLock { state throws(Fault) in
      guard !state.isClosed else {
        throw Fault(.shuttingDown, from: .gateway, "the session has ended")
      }
      let entry = state.entries[server.name]
      if let entry, entry.server == server {
        guard let live = entry.live else { return (entry.start, LiveServer?.none, Entry?.none) }
        if live.connection.isOpen { return (entry.start, live, Entry?.none) }
      }
      let start = Task { [session, onSignal] in
        try await starter.start(server, session: session) { onSignal(server.name, $0) }
      }
      state.entries[server.name] = Entry(server: server, start: start)
      return (start, LiveServer?.none, entry)
    }
    if let live { return live }
    if let retired { Task { await Self.retire(retired.start) } }
    do {
      let live = try await start.value
      remember(live, server, start)
      return live
    } catch {
      forget(server.name, start)
      throw error
    }
  }

  /// The instance of a server if it is running, for re-reading its lists.
  func running(_ server: String) -> LiveServer? {
    state.withLock { $0.entries[server]?.live }.flatMap { $0.connection.isOpen ? $0 : nil }
  }

  /// Ends the instances of servers that are not among `servers` any more, once their calls are done.
  func retire(keeping servers: Set<String>) {
    let retired = state.withLock { state in
      let retired = state.entries.filter { !servers.contains($0.key) }
      for name in retired.keys { state.entries[name] = nil }
      return retired.values.map(\.start)
    }
    for start in retired { Task { await Self.retire(start) } }
  }

  /// Ends all instances, and starts none any more; returns when nothing of them remains.
  func close() async {
    state.withLock { $0.isClosed = true }
    await release()
  }

  /// Ends all instances; returns when nothing of them remains. Later calls start new ones.
  func release() async {
    let entries = state.withLock { state in
      defer { state.entries = [:] }
      return Array(state.entries.values)
    }
    await withTaskGroup { group in
      for entry in entries {
        group.addTask {
          entry.start.cancel()
          if let live = try? await entry.start.value { await live.close() }
        }
      }
    }
  }

  private func remember(
    _ live: LiveServer, _ server: PlannedServer, _ start: Task<LiveServer, any Error>
  ) {
    state.withLock { state in
      if state.entries[server.name]?.start == start { state.entries[server.name]?.live = live }
    }
  }

  private func forget(_ name: String, _ start: Task<LiveServer, any Error>) {
    state.withLock { state in
      if state.entries[name]?.start == start { state.entries[name] = nil }
    }
  }

  /// Calls in flight finish on the instance that they started on.
  private static func retire(_ start: Task<LiveServer, any Error>) async {
    guard let live = try? await start.value else { return }
    await live.connection.idle()
    await live.close()
  }
}
