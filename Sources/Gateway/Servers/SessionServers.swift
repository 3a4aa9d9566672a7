import Synchronization
import Wire

/// The long-lived servers of one client session: started at their first call, one instance each,
/// shared with no other session, ended with it.
final class SessionServers: Sendable {
  private struct State {
    var instances: [String: SessionInstance] = [:]
    var isClosed = false
    /// Whether nobody looks after instances any more: one that starts serves its calls and ends.
    var isDismissed = false
  }

  private let session: String
  private let onStart: @Sendable (_ server: String, LiveServer) async -> Void
  private let onSignal: @Sendable (_ server: String, ServerSignal) -> Void
  private let state = Mutex(State())

  /// - Parameters:
  ///   - onStart: prepares an instance that has started, before its first call.
  ///   - onSignal: told what the present instances signal: `.ended` means that one is gone and that
  ///     the next call starts another.
  init(
    session: String, onStart: @escaping @Sendable (String, LiveServer) async -> Void,
    onSignal: @escaping @Sendable (String, ServerSignal) -> Void
  ) {
    self.session = session
    self.onStart = onStart
    self.onSignal = onSignal
  }

  /// Does `work` with the session's instance of `server`; started if there is none, replaced if it
  /// has ended, the operator has changed what it is, or the client can be asked something else.
  /// Concurrent first calls share one start.
  func withInstance<Value>(
    of server: PlannedServer, by starter: ServerStarter, for tenant: Tenant,
    _ work: (LiveServer) async throws -> Value
  ) async throws -> Value {
    let instance = try lease(server, starter, tenant)
    defer { instance.leave() }
    return try await work(try await instance.live())
  }

  private func lease(
    _ server: PlannedServer, _ starter: ServerStarter, _ tenant: Tenant
  ) throws(Fault) -> SessionInstance {
    let (instance, replaced) = try state.withLock {
      state throws(Fault) -> (SessionInstance, SessionInstance?) in
      guard !state.isClosed else {
        throw Fault(.shuttingDown, from: .gateway, "the session has ended")
      }
      let present = state.instances[server.name]
      if let present, present.isUsable,
        present.serves(server, tenant)
      {
        present.enter()
        return (present, nil)
      }
      let fresh = SessionInstance(server, tenant.kind, farewells: starter.farewells)
      fresh.enter()
      let hear: @Sendable (ServerSignal) -> Void = { [weak self, weak fresh] in
        self?.take($0, from: fresh)
      }
      fresh.start { [session, onStart] in
        let live = try await starter.start(server, session: session, for: tenant, onSignal: hear)
        await onStart(server.name, live)
        return live
      }
      if state.isDismissed { fresh.retire() } else { state.instances[server.name] = fresh }
      return (fresh, present)
    }
    replaced?.retire()
    return instance
  }

  private func take(_ signal: ServerSignal, from instance: SessionInstance?) {
    guard let instance else { return }
    let name = instance.server.name
    let isPresent = state.withLock { state in
      guard state.instances[name] === instance else { return false }
      // What it held is given back now, not at the next call.
      if signal == .ended { state.instances[name] = nil }
      return true
    }
    guard isPresent else { return }
    if signal == .ended { instance.retire() }
    onSignal(name, signal)
  }

  /// The instance of a server if it is running, for re-reading its lists.
  func running(_ server: String) -> LiveServer? {
    state.withLock { $0.instances[server] }?.running
  }

  var allRunning: [LiveServer] {
    state.withLock { Array($0.instances.values) }.compactMap(\.running)
  }

  /// Tells all running instances. One that reads nothing misses it.
  func notifyRunning(_ method: String) {
    for live in allRunning {
      _ = live.connection.sendAside(.notification(method: method, params: nil))
    }
  }

  /// Ends the instances of servers that are not, or not the same, among `servers` any more, once
  /// their calls are done; their names.
  func retire(except servers: [String: PlannedServer]) -> [String] {
    let retired = state.withLock { state in
      let retired = state.instances.filter { servers[$0.key] != $0.value.server }
      for name in retired.keys { state.instances[name] = nil }
      return retired
    }
    for instance in retired.values { instance.retire() }
    return Array(retired.keys)
  }

  /// Gives up these servers: calls that have begun finish, also those that have yet to start their
  /// instance, and nothing remains after them.
  func dismiss() {
    state.withLock { $0.isDismissed = true }
    _ = retire(except: [:])
  }

  /// From now on calls that need an instance are refused.
  func startNoMore() { state.withLock { $0.isClosed = true } }

  /// Ends all instances, and starts none any more; returns when nothing of them remains.
  func close() async {
    startNoMore()
    _ = await endAll(atOnce: false)
  }

  /// Ends all instances at once; returns their names when nothing of them remains. Later calls start
  /// new ones.
  func release() async -> [String] { await endAll(atOnce: true) }

  private func endAll(atOnce: Bool) async -> [String] {
    let instances = state.withLock { state in
      defer { state.instances = [:] }
      return state.instances
    }
    await withTaskGroup { group in
      for instance in instances.values { group.addTask { await instance.end(atOnce: atOnce) } }
    }
    return Array(instances.keys)
  }
}
