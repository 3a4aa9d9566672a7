import Synchronization
import Wire

/// The long-lived servers of one identity in the stateless era. A server of the handshake era learns
/// once what its client can be asked, and requests may differ in that: each kind of client has
/// instances of its own.
final class StatelessServers: Sendable {
  /// Kinds of clients at the same time; the one that was left alone longest gives way, unless
  /// somebody listens to its servers.
  private static let mostKinds = 4

  private struct State {
    var kinds: [(capabilities: ClientCapabilities, servers: SessionServers)] = []
    var isClosed = false

    func index(_ capabilities: ClientCapabilities) -> Int? {
      kinds.firstIndex { $0.capabilities == capabilities }
    }
  }
  /// Prepares an instance that has started.
  typealias OnStart = @Sendable (String, LiveServer, ClientCapabilities) async -> Void
  /// Told what an instance signals, and to which servers it belongs.
  typealias OnSignal = @Sendable (String, ServerSignal, SessionServers) -> Void

  private let state = Mutex(State())
  private let onStart: OnStart
  private let onSignal: OnSignal
  private let isWatched: @Sendable (ClientCapabilities) -> Bool
  private let label = "stateless-" + RandomID.make().prefix(8)

  /// - Parameter isWatched: whether somebody listens to the servers of this kind.
  init(
    onStart: @escaping OnStart, onSignal: @escaping OnSignal,
    isWatched: @escaping @Sendable (ClientCapabilities) -> Bool
  ) {
    self.onStart = onStart
    self.onSignal = onSignal
    self.isWatched = isWatched
  }

  /// The servers for requests of clients that can be asked this.
  func of(_ capabilities: ClientCapabilities) -> SessionServers {
    let (servers, displaced) = state.withLock { state -> (SessionServers, SessionServers?) in
      if let index = state.index(capabilities) {
        let kind = state.kinds.remove(at: index)
        state.kinds.append(kind)
        return (kind.servers, nil)
      }
      let servers = make(capabilities)
      guard !state.isClosed else {
        servers.startNoMore()
        return (servers, nil)
      }
      let displaced = displace(&state)
      state.kinds.append((capabilities, servers))
      return (servers, displaced)
    }
    displaced?.dismiss()
    return servers
  }

  private func displace(_ state: inout State) -> SessionServers? {
    guard state.kinds.count >= Self.mostKinds else { return nil }
    return state.kinds.firstIndex { !isWatched($0.capabilities) }
      .map { state.kinds.remove(at: $0).servers }
  }

  /// The same if there are any.
  func find(_ capabilities: ClientCapabilities) -> SessionServers? {
    state.withLock { state in state.index(capabilities).map { state.kinds[$0].servers } }
  }

  private func make(_ capabilities: ClientCapabilities) -> SessionServers {
    let relay = WeakRelay<SessionServers>()
    let servers = SessionServers(session: label) { [onStart] server, live in
      await onStart(server, live, capabilities)
    } onSignal: { [onSignal] server, signal in
      if let servers = relay.target { onSignal(server, signal, servers) }
    }
    relay.target = servers
    return servers
  }

  /// Ends instances of servers that are not what they were; their names.
  func retire(except servers: [String: PlannedServer]) -> Set<String> {
    all.reduce(into: []) { $0.formUnion($1.retire(except: servers)) }
  }

  /// Ends all instances and starts none any more; returns when nothing of them remains.
  func close() async {
    let kinds = state.withLock { state in
      state.isClosed = true
      return state.kinds.map(\.servers)
    }
    for kind in kinds { await kind.close() }
  }

  private var all: [SessionServers] { state.withLock { $0.kinds.map(\.servers) } }
}
