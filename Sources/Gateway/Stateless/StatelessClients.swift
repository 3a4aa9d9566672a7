import Synchronization
import Wire

/// The identities that ask in the stateless era. One that has asked nothing for a while is forgotten,
/// and its servers end.
final class StatelessClients: Sendable {
  /// More than could be in use at once: an identity beyond them waits for others to fall idle.
  private static let mostIdentities = 1_000

  private struct State {
    var clients: [String: StatelessClient] = [:]
    var isClosed = false
  }
  private let idle: Duration
  private let state = Mutex(State())

  /// - Parameter idle: after this time without a request an identity's servers end.
  init(idle: Duration) { self.idle = idle }

  /// Takes a request; what stands in its way is its answer.
  func begin(
    _ request: StatelessRequest, identity: String, _ handle: CallHandle, of core: GatewayCore
  ) -> Exchange {
    do throws(Refusal) {
      // One that ends in this moment is forgotten in the next.
      while true {
        if let exchange = try client(identity, of: core).begin(request, handle) { return exchange }
        forgetEnded(identity)
      }
    } catch {
      core.turnAway(
        request.method, request.params,
        by: Caller(
          identity: identity, scopes: request.scopes, session: "", clientName: request.clientName,
          clientVersion: request.clientVersion), .refused(error))
      return Exchange { [error] _ in .failure(id: request.id, error.rpcError) }
    }
  }

  private func forgetEnded(_ identity: String) {
    state.withLock { state in
      if state.clients[identity]?.isEnded == true { state.clients[identity] = nil }
    }
  }

  private func client(_ identity: String, of core: GatewayCore) throws(Refusal) -> StatelessClient {
    let (client, isNew) = state.withLock { state -> (StatelessClient?, Bool) in
      if let known = state.clients[identity] { return (known, false) }
      guard !state.isClosed, state.clients.count < Self.mostIdentities else { return (nil, false) }
      let client = StatelessClient(identity: identity, core: core)
      state.clients[identity] = client
      return (client, true)
    }
    guard let client else {
      throw Refusal(
        .overLimit, rule: "identities",
        message: "no more than \(Self.mostIdentities) identities can be served at once")
    }
    if isNew { Task { await watch(client) } }
    return client
  }

  /// Looks after one identity until it has been idle for long enough.
  private func watch(_ client: StatelessClient) async {
    while !state.withLock({ $0.isClosed }) {
      // Nobody cancels this task.
      try? await Task.sleep(for: idle / 2)
      guard client.endIfIdle(for: idle, now: .now) else { continue }
      forgetEnded(client.identity)
      return await client.end()
    }
  }

  var all: [StatelessClient] { state.withLock { Array($0.clients.values) } }

  /// Ends everything; returns when nothing of it remains.
  func close() async {
    let clients = state.withLock { state in
      state.isClosed = true
      defer { state.clients = [:] }
      return Array(state.clients.values)
    }
    await withDiscardingTaskGroup { group in
      for client in clients { group.addTask { await client.end() } }
    }
  }
}
