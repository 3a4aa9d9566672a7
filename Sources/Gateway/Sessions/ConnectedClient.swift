import Synchronization
import Wire

/// A client with a connection of its own (stdio). It may speak either era; its first request says
/// which (MCP 2026-07-28, Versioning, Backward Compatibility).
final class ConnectedClient: ClientSession {
  private enum Era {
    /// Nothing was asked that decides it.
    case open
    /// It has looked around with `server/discover`, and may still begin with `initialize`: its own
    /// patience with the answer may have run out.
    case probed
    case handshake
    case stateless
  }

  private struct State {
    var era = Era.open
    /// Requests of the stateless era.
    var inFlight: [RequestID: CallHandle] = [:]
  }

  private let session: any ClientSession
  private let core: GatewayCore
  private let state = Mutex(State())

  /// - Parameter session: serves the client if it speaks the handshake era.
  init(_ session: any ClientSession, of core: GatewayCore) {
    self.session = session
    self.core = core
  }

  var id: String { session.id }
  var identity: String { session.identity }
  var unsolicited: AsyncStream<Message> { session.unsolicited }

  var acceptsBatches: Bool { session.acceptsBatches }

  func begin(_ message: Message, scopes: Set<String>) -> Begun {
    switch message {
    case .request(let id, let method, let params):
      switch era(of: method, params) {
      case .success(.stateless), .success(.probed): return stateless(id, method, params)
      case .success(.handshake), .success(.open): return session.begin(message, scopes: scopes)
      case .failure(let error): return .answer(.failure(id: id, error))
      }
    case .notification("notifications/cancelled", let params) where isStateless:
      return cancel(params)
    case .notification, .result, .failure:
      return isStateless ? .nothing : session.begin(message, scopes: scopes)
    }
  }

  func release() async { await session.release() }

  func end() async {
    let calls = state.withLock { Array($0.inFlight.values) }
    for call in calls { call.cancel() }
    await session.end()
  }

  private var isStateless: Bool {
    state.withLock { state in
      switch state.era {
      case .stateless, .probed: true
      case .open, .handshake: false
      }
    }
  }

  /// By which rules a request is served; remembers what it decides.
  private func era(of method: String, _ params: JSONText?) -> Result<Era, RPCError> {
    let isHandshake = method == "initialize"
    let isStateless = !isHandshake && RequestEnvelope.isClaimed(by: params)
    return state.withLock { state in
      switch (state.era, isHandshake, isStateless) {
      case (.handshake, _, false): return .success(.handshake)
      case (.handshake, _, true):
        return .failure(
          .invalidRequest("this connection began with initialize; requests carry no version"))
      case (.stateless, true, _):
        return .failure(.unsupportedVersion(params?["protocolVersion"]?.string ?? "initialize"))
      case (.stateless, false, _): return .success(.stateless)
      case (.open, true, _), (.probed, true, _): state.era = .handshake
      case (.open, false, true), (.probed, false, true):
        state.era = method == "server/discover" ? .probed : .stateless
      case (.open, false, false), (.probed, false, false): return .success(.open)
      }
      return .success(state.era)
    }
  }

  private func stateless(_ id: RequestID, _ method: String, _ params: JSONText?) -> Begun {
    let request: StatelessRequest
    do throws(RPCError) {
      request = try StatelessRequest(id: id, method: method, params: params, headers: nil)
    } catch { return turnAway(id, method, params, error) }
    let handle = CallHandle()
    let isNew = state.withLock { state in
      guard state.inFlight[id] == nil else { return false }
      state.inFlight[id] = handle
      return true
    }
    guard isNew else {
      return turnAway(id, method, params, .invalidRequest("a request with this id is in flight"))
    }
    let admission = Admission { [self] in state.withLock { $0.inFlight[id] = nil } }
    let exchange = core.begin(request, identity: identity, handle)
    return .work(exchange.whenDone { admission.end() })
  }

  private func turnAway(
    _ id: RequestID, _ method: String, _ params: JSONText?, _ error: RPCError
  ) -> Begun {
    core.turnAway(
      FlawedRequest(method: method, params: params, error: error), identity: identity, scopes: [])
    return .answer(.failure(id: id, error))
  }

  private func cancel(_ params: JSONText?) -> Begun {
    let handle = state.withLock { state in
      params?["requestId"].flatMap(RequestID.init).flatMap { state.inFlight[$0] }
    }
    handle?.cancel()
    return .nothing
  }
}
