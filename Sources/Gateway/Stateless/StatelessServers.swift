import Synchronization
import Wire

/// The long-lived servers of one identity in the stateless era. A server of the handshake era learns
/// once what its client can be asked, and requests may differ in that: each kind of client has
/// instances of its own.
final class StatelessServers: Sendable {
  /// Kinds of clients at the same time; the one that was left alone longest gives way.
  private static let mostKinds = 4

  private struct State {
    var kinds: [(capabilities: ClientCapabilities, servers: SessionServers)] = []
  }
  /// Prepares an instance that has started.
  typealias OnStart = @Sendable (String, LiveServer, ClientCapabilities) async -> Void
  /// Told what an instance signals, and to which servers it belongs.
  typealias OnSignal = @Sendable (String, ServerSignal, SessionServers) -> Void

  private let state = Mutex(State())
  private let onStart: OnStart
  private let onSignal: OnSignal
  private let label = "stateless-" + RandomID.make().prefix(8)

  init(onStart: @escaping OnStart, onSignal: @escaping OnSignal) {
    self.onStart = onStart
    self.onSignal = onSignal
  }

  /// The servers for requests of clients that can be asked this.
  func of(_ capabilities: ClientCapabilities) -> SessionServers {
    let (servers, displaced) = state.withLock { state -> (SessionServers, SessionServers?) in
      if let index = state.kinds.firstIndex(where: { $0.capabilities == capabilities }) {
        let kind = state.kinds.remove(at: index)
        state.kinds.append(kind)
        return (kind.servers, nil)
      }
      let displaced = state.kinds.count < Self.mostKinds ? nil : state.kinds.removeFirst().servers
      let servers = make(capabilities)
      state.kinds.append((capabilities, servers))
      return (servers, displaced)
    }
    // Calls that have begun on them finish.
    if let displaced { _ = displaced.retire(except: [:]) }
    return servers
  }

  private func make(_ capabilities: ClientCapabilities) -> SessionServers {
    let relay = ServersRelay()
    let servers = SessionServers(session: label) { [onStart] server, live in
      await onStart(server, live, capabilities)
    } onSignal: { [onSignal] server, signal in
      if let servers = relay.servers { onSignal(server, signal, servers) }
    }
    relay.servers = servers
    return servers
  }

  /// Ends instances of servers that are not what they were; their names.
  func retire(except servers: [String: PlannedServer]) -> Set<String> {
    all.reduce(into: []) { $0.formUnion($1.retire(except: servers)) }
  }

  /// Ends all instances and starts none any more; returns when nothing of them remains.
  func close() async {
    for kind in all { await kind.close() }
  }

  private var all: [SessionServers] { state.withLock { $0.kinds.map(\.servers) } }
}

/// The servers that an instance belongs to, which are made before it can say anything.
private final class ServersRelay: Sendable {
  private struct Weak {
    weak var servers: SessionServers?
  }
  private let state = Mutex(Weak())

  var servers: SessionServers? {
    get { state.withLock { $0.servers } }
    set { state.withLock { $0.servers = newValue } }
  }
}
