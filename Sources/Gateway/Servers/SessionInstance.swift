import Synchronization
import Wire

/// One instance of a long-lived server, used by the calls of one session. It ends when it is retired
/// and the last call that had begun on it is done.
final class SessionInstance: Sendable {
  private struct State {
    var start: Task<LiveServer, any Error>?
    var live: LiveServer?
    var hasFailed = false
    var users = 0
    var isRetired = false
  }

  let server: PlannedServer
  private let kind: Tenant.Kind
  private let farewells: Farewells
  private let state = Mutex(State())

  /// - Parameter kind: what the server learns of its client.
  init(_ server: PlannedServer, _ kind: Tenant.Kind, farewells: Farewells) {
    self.server = server
    self.kind = kind
    self.farewells = farewells
  }

  /// Whether it is what a call of `tenant` to `server` needs.
  func serves(_ server: PlannedServer, _ tenant: Tenant) -> Bool {
    self.server == server && kind == tenant.kind
  }

  /// Whether another call may begin on it.
  var isUsable: Bool {
    state.withLock { state in
      !state.isRetired && !state.hasFailed && state.live?.connection.isOpen != false
    }
  }

  /// The server, once it has started and while it runs.
  var running: LiveServer? {
    state.withLock { $0.live }.flatMap { $0.connection.isOpen ? $0 : nil }
  }

  /// Call once, before anything else.
  func start(_ open: @escaping @Sendable () async throws -> LiveServer) {
    state.withLock { state in
      state.start = Task(executorPreference: LoopExecutor.current) {
        do {
          let live = try await open()
          self.state.withLock { $0.live = live }
          return live
        } catch {
          self.state.withLock { $0.hasFailed = true }
          throw error
        }
      }
    }
  }

  /// A call is about to use it; ``leave()`` must follow.
  func enter() { state.withLock { $0.users += 1 } }

  func leave() {
    let isLast = state.withLock { state in
      state.users -= 1
      return state.isRetired && state.users == 0
    }
    if isLast { endLater() }
  }

  /// Waits until it has started. Whoever is cancelled stops waiting; the start goes on.
  func live() async throws -> LiveServer {
    // The usual case costs no task: this is on the path of every call.
    let (live, start) = state.withLock { ($0.live, $0.start) }
    if let live { return live }
    guard let start else {
      throw Fault(.serverStart, from: .gateway, "\(server.name) was not started")
    }
    do { return try await start.sharedValue } catch is CancellationError {
      throw Fault(.cancelled, from: .client, "the call was cancelled")
    }
  }

  /// No further call begins on it; those that have begun finish.
  func retire() {
    let isUnused = state.withLock { state in
      defer { state.isRetired = true }
      return !state.isRetired && state.users == 0
    }
    if isUnused { endLater() }
  }

  /// Ends it, whoever uses it; returns when nothing of it remains.
  ///
  /// - Parameter atOnce: without giving the server time to end by itself.
  func end(atOnce: Bool = false) async {
    let start = state.withLock { state in
      state.isRetired = true
      return state.start
    }
    start?.cancel()
    // A start that fails has cleaned up after itself.
    guard let live = try? await start?.value else { return }
    if atOnce { await live.abort() } else { await live.close() }
  }

  private func endLater() { farewells.add { await self.end() } }
}
