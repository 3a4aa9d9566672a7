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
  private let state = Mutex(State())
  private let label = "stateless-" + RandomID.make().prefix(8)

  /// The servers for requests of clients that can be asked this.
  func of(_ capabilities: ClientCapabilities) -> SessionServers {
    let (servers, displaced) = state.withLock { state -> (SessionServers, SessionServers?) in
      if let index = state.kinds.firstIndex(where: { $0.capabilities == capabilities }) {
        let kind = state.kinds.remove(at: index)
        state.kinds.append(kind)
        return (kind.servers, nil)
      }
      let displaced = state.kinds.count < Self.mostKinds ? nil : state.kinds.removeFirst().servers
      let servers = SessionServers(session: label) { _, _ in
      } onSignal: { _, _ in
      }
      state.kinds.append((capabilities, servers))
      return (servers, displaced)
    }
    // Calls that have begun on them finish.
    if let displaced { _ = displaced.retire(except: [:]) }
    return servers
  }

  /// Ends instances of servers that are not what they were.
  func retire(except servers: [String: PlannedServer]) {
    for kind in all { _ = kind.retire(except: servers) }
  }

  /// Ends all instances once their calls are done. Later requests start new ones.
  func release() { retire(except: [:]) }

  /// Ends all instances and starts none any more; returns when nothing of them remains.
  func close() async {
    for kind in all { await kind.close() }
  }

  private var all: [SessionServers] { state.withLock { $0.kinds.map(\.servers) } }
}
