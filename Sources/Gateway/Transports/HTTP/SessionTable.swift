import Synchronization
import Wire

/// How many sessions there may be, and for how long.
struct SessionLimits: Sendable, Hashable {
  var perIdentity = 100
  /// Over all identities. Less than ``GatewayCore/mostSessions``, which also counts the sessions that
  /// have left the table and are still ending.
  var total = 900
  var callsPerSession = 64
  /// Over all sessions of one identity. ``GatewayCore`` bounds those of all identities.
  var callsPerIdentity = 256
  /// A session that nobody uses for so long ends.
  var idle = Duration.seconds(30 * 60)
  /// Calls of a client without any open connection are cancelled after this time: as long as events
  /// are kept for it to come back to.
  var vanished = Duration.seconds(5 * 60)
  /// A session without any open connection for so long may give way to a new one.
  var abandoned = Duration.seconds(1)
  /// How long an ending session is waited for.
  var end = Duration.seconds(5)
}

/// The sessions of all clients over HTTP. An id leads to a session only together with the identity
/// that opened it.
final class SessionTable: Sendable {
  private struct State {
    private(set) var sessions: [String: HTTPSession] = [:]
    /// The same by their identities: nobody's request waits for a look at everybody's sessions.
    private var owned: [String: [String: HTTPSession]] = [:]
    var isClosed = false

    mutating func add(_ session: HTTPSession) {
      sessions[session.id] = session
      owned[session.identity, default: [:]][session.id] = session
    }

    mutating func remove(_ session: HTTPSession) {
      guard sessions.removeValue(forKey: session.id) != nil else { return }
      owned[session.identity]?[session.id] = nil
      if owned[session.identity]?.isEmpty == true { owned[session.identity] = nil }
    }

    mutating func removeAll() -> [HTTPSession] {
      defer {
        sessions = [:]
        owned = [:]
      }
      return Array(sessions.values)
    }

    func count(of identity: String) -> Int { owned[identity]?.count ?? 0 }

    func sessions(of identity: String) -> some Collection<HTTPSession> {
      owned[identity, default: [:]].values
    }

    /// Who holds most.
    var greatest: (identity: String, count: Int)? {
      owned.max { $0.value.count < $1.value.count }.map { ($0.key, $0.value.count) }
    }
  }

  private let opener: any SessionOpener
  let limits: SessionLimits
  /// Nil where streams cannot be resumed.
  private let replay: Replay?
  private let inFlight: CallsInFlight
  private let state = Mutex(State())

  init(opener: any SessionOpener, limits: SessionLimits, replay: Replay? = nil) {
    self.opener = opener
    self.limits = limits
    self.replay = replay
    inFlight = CallsInFlight(perIdentity: limits.callsPerIdentity)
  }

  var count: Int { state.withLock { $0.sessions.count } }

  func open(identity: String) throws(HTTPRefusal) -> HTTPSession {
    let (session, displaced) = try state.withLock {
      state throws(HTTPRefusal) -> (HTTPSession, HTTPSession?) in
      guard !state.isClosed else { throw .shuttingDown }
      let displaced = try sessionToDisplace(for: identity, state)
      let session = HTTPSession(
        try openSession(identity), identity: identity, callLimit: limits.callsPerSession,
        inFlight: inFlight, replay: replay)
      // Only now: one that is taken out must also be ended, even where none takes its place.
      if let displaced { state.remove(displaced) }
      state.add(session)
      return (session, displaced)
    }
    if let displaced { Task { await displaced.end() } }
    return session
  }

  private func openSession(_ identity: String) throws(HTTPRefusal) -> any ClientSession {
    do throws(Refusal) { return try opener.open(identity: identity) } catch { throw .full(error) }
  }

  /// Many clients never say that they are done. At its limit an identity loses the session that
  /// has been left alone longest; one that is in use is never taken. Nil where there is room.
  private func sessionToDisplace(
    for identity: String, _ state: State
  ) throws(HTTPRefusal) -> HTTPSession? {
    let own = state.count(of: identity)
    guard own >= limits.perIdentity || state.sessions.count >= limits.total else { return nil }
    if let oldest = longestLeftAlone(state.sessions(of: identity)) { return oldest }
    // Whoever holds most gives way to somebody with less, but never so that the two change places:
    // they would displace each other for ever.
    if own < limits.perIdentity, let most = state.greatest, most.count > own + 1,
      let oldest = longestLeftAlone(state.sessions(of: most.identity))
    {
      return oldest
    }
    throw .full(Refusal(.overLimit, rule: "sessions", message: "too many sessions are open"))
  }

  private func longestLeftAlone(_ sessions: some Collection<HTTPSession>) -> HTTPSession? {
    let latest = ContinuousClock.now - limits.abandoned
    return sessions.compactMap { session in session.unusedSince.map { (session, $0) } }
      .filter { $0.1 < latest }.min { $0.1 < $1.1 }?.0
  }

  /// The session `id` if it is `identity`'s.
  func find(_ id: String, identity: String) -> HTTPSession? {
    let session = state.withLock { $0.sessions[id] }
    return session?.identity == identity ? session : nil
  }

  /// Takes a session out and ends it, waiting a bounded time. Its id is unknown from the start.
  func end(_ session: HTTPSession) async {
    state.withLock { $0.remove(session) }
    await waiting(atMost: limits.end) { await session.end() }
  }

  /// Ends what is idle for too long and the calls of clients that have vanished.
  func sweep() {
    let now = ContinuousClock.now
    for session in state.withLock({ Array($0.sessions.values) }) {
      let idle = session.sweep(now: now, grace: limits.vanished)
      if idle >= limits.idle { Task { await end(session) } }
    }
  }

  /// Ends all sessions and opens no more.
  func close() async {
    let sessions = state.withLock { state in
      state.isClosed = true
      return state.removeAll()
    }
    await waiting(atMost: limits.end) {
      await withDiscardingTaskGroup { group in
        for session in sessions { group.addTask { await session.end() } }
      }
    }
  }
}
