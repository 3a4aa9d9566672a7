import Synchronization
import Wire

/// Calls between two requests of their client: they wait for input, with whatever they hold at their
/// server, for a bounded time and in bounded number.
final class ParkedCalls: Sendable {
  struct Limits: Sendable, Hashable {
    var perIdentity = 64
    /// Half of the calls that may be in progress: those that wait must not keep others from beginning.
    var total = 512
    /// A person may have to decide.
    var patience = Duration.seconds(5 * 60)
  }

  private struct Parked {
    let identity: String
    let call: InputCall
    let clock: Task<Void, Never>
  }

  private struct State {
    var calls: [String: Parked] = [:]
    var isClosed = false
  }

  private let limits: Limits
  private let seal = StateSeal()
  private let state = Mutex(State())

  init(limits: Limits = Limits()) { self.limits = limits }

  var count: Int { state.withLock { $0.calls.count } }

  /// Keeps a call until its client comes back; the `requestState` that leads to it, once.
  func park(_ call: InputCall, for request: ParkedRequest) throws(Refusal) -> String {
    let ticket = RandomID.make()
    let clock = Task { [limits, weak self] in
      do { try await Task.sleep(for: limits.patience) } catch { return }
      self?.remove(ticket)?.cancel()
    }
    let isKept = state.withLock { state in
      let own = state.calls.values.count { $0.identity == request.identity }
      guard !state.isClosed, own < limits.perIdentity, state.calls.count < limits.total else {
        return false
      }
      state.calls[ticket] = Parked(identity: request.identity, call: call, clock: clock)
      return true
    }
    guard isKept else {
      clock.cancel()
      call.cancel()
      throw Refusal(
        .overLimit, rule: "parked-calls",
        message: "too many calls wait for input of this client")
    }
    return seal.seal(ticket, for: request)
  }

  /// The call that `requestState` leads to, if this very request may go on with it.
  func take(_ requestState: JSONText, for request: ParkedRequest) throws(RPCError) -> InputCall {
    guard let text = requestState.string, let ticket = seal.open(text, for: request),
      let call = remove(ticket)
    else {
      throw .invalidParams(
        "params.requestState is not of this request, was used before, or has expired; "
          + "begin again without it")
    }
    return call
  }

  private func remove(_ ticket: String) -> InputCall? {
    let parked = state.withLock { $0.calls.removeValue(forKey: ticket) }
    parked?.clock.cancel()
    return parked?.call
  }

  /// Ends all that waits, and keeps nothing any more.
  func close() {
    let parked = state.withLock { state in
      state.isClosed = true
      defer { state.calls = [:] }
      return Array(state.calls.values)
    }
    for call in parked {
      call.clock.cancel()
      call.call.cancel()
    }
  }
}
