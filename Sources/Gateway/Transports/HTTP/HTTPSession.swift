import NIOCore
import Synchronization
import Wire

/// A client session together with what HTTP adds to it: connections that come and go, calls that
/// outlive them for a while, and at most one stream for unsolicited messages.
final class HTTPSession: Sendable {
  private struct State {
    var calls: [Int: Task<Void, Never>] = [:]
    var nextCall = 0
    /// Open connections that have carried a request of this session.
    var connections: [any Channel] = []
    var lastUsed = ContinuousClock.now
    /// Since when no connection is open.
    var aloneSince: ContinuousClock.Instant?
    /// Whether a call ended while nobody was there for its answer.
    var hasMissedAnswer = false
    var isListening = false
    var isEnded = false
    var pump: Task<Void, Never>?
  }

  let identity: String
  /// Messages that belong to no request, waiting for the client's stream.
  let unsolicited = Mailbox<Message>(capacity: 16)
  private let session: any ClientSession
  private let callLimit: Int
  /// `begin` wants one message at a time.
  private let turn = Mutex(())
  private let state = Mutex(State())

  init(_ session: any ClientSession, identity: String, callLimit: Int) {
    self.session = session
    self.identity = identity
    self.callLimit = callLimit
    // The session's stream is read once, for all its life: a consumer that goes away would finish
    // it, but clients may close their stream and open another.
    let pump = Task { [session, unsolicited] in
      for await message in session.unsolicited { await unsolicited.send(message) }
    }
    state.withLock { $0.pump = pump }
  }

  var id: String { session.id }

  /// The client uses `connection`: while it is open, the client is taken to be there.
  func attach(_ connection: any Channel) {
    state.withLock { state in
      state.lastUsed = .now
      state.aloneSince = nil
      state.hasMissedAnswer = false
      if !state.connections.contains(where: { $0 === connection }) {
        state.connections.append(connection)
      }
    }
  }

  func begin(
    _ message: Message, scopes: Set<String>, on connection: any Channel
  ) -> Begun {
    attach(connection)
    return turn.withLock { _ in session.begin(message, scopes: scopes) }
  }

  /// Runs `exchange` beside whatever the connection does. Throws if too many calls run already, or
  /// if the session has ended meanwhile.
  func start(
    _ exchange: Exchange, emit: @escaping Exchange.Emit,
    whenDone: @escaping @Sendable (Message?) async -> Void
  ) throws(RPCError) {
    try state.withLock { state throws(RPCError) in
      guard !state.isEnded else { throw .internal("the session has ended") }
      guard state.calls.count < callLimit else { throw .tooManyRequests(callLimit) }
      let number = state.nextCall
      state.nextCall += 1
      state.calls[number] = Task {
        let response = await exchange.run(emit: emit)
        await whenDone(response)
        self.finished(number)
      }
    }
  }

  private func finished(_ number: Int) {
    state.withLock { state in
      state.calls[number] = nil
      state.lastUsed = .now
      if !state.connections.contains(where: \.isActive) { state.hasMissedAnswer = true }
    }
  }

  /// Takes the one place of a listener; false if it is taken.
  func listen() -> Bool {
    state.withLock { state in
      guard !state.isListening else { return false }
      state.isListening = true
      return true
    }
  }

  func stopListening() {
    state.withLock { state in
      state.isListening = false
      state.lastUsed = .now
    }
  }

  /// Looks after a client that may have vanished: without any connection for longer than `grace`
  /// nobody waits for its calls, and what they hold is released. A client that was only away for a
  /// while goes on in its session. Returns how long the session has been idle.
  func sweep(now: ContinuousClock.Instant, grace: Duration) -> Duration {
    let (idle, calls, isAbandoned) = state.withLock { state in
      state.connections.removeAll { !$0.isActive }
      state.aloneSince = state.connections.isEmpty ? state.aloneSince ?? now : nil
      let isAlone = state.aloneSince.map { now - $0 >= grace } ?? false
      let isAbandoned = isAlone && (!state.calls.isEmpty || state.hasMissedAnswer)
      if isAbandoned { state.hasMissedAnswer = false }
      let isBusy = !state.calls.isEmpty || state.isListening
      return (
        isBusy ? .zero : now - state.lastUsed, Array(state.calls.values), isAbandoned
      )
    }
    guard isAbandoned else { return idle }
    for call in calls { call.cancel() }
    Task { await session.release() }
    return idle
  }

  /// When the session was last used, if nothing of it is running or connected.
  var unusedSince: ContinuousClock.Instant? {
    state.withLock { state in
      let isUsed =
        !state.calls.isEmpty || state.isListening
        || state.connections.contains(where: \.isActive)
      return isUsed ? nil : state.lastUsed
    }
  }

  /// Cancels what runs and releases what the session holds.
  func end() async {
    let (calls, pump) = state.withLock { state in
      state.isEnded = true
      return (Array(state.calls.values), state.pump)
    }
    for call in calls { call.cancel() }
    pump?.cancel()
    unsolicited.finish(with: nil)
    await session.end()
  }
}
