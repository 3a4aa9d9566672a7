import NIOCore
import Synchronization
import Wire

/// A client session together with what HTTP adds to it: connections that come and go, calls that
/// outlive them for a while, and at most one stream for unsolicited messages.
final class HTTPSession: Sendable {
  private struct State {
    var calls: [Int: Task<Void, Never>] = [:]
    var nextCall = 0
    /// Requests in work; more than ``calls`` where there are batches.
    var running = 0
    /// Open connections that have carried a request of this session.
    var connections: [any Channel] = []
    var lastUsed = ContinuousClock.now
    /// Since when no connection is open.
    var aloneSince: ContinuousClock.Instant?
    /// Whether a call ended while nobody was there for its answer.
    var hasMissedAnswer = false
    var isEnded = false
    var pump: Task<Void, Never>?
    /// Whether the client's revision has events without data.
    var isPrimed = false
    /// Streams of requests that can be read still or again.
    var streams: [UInt32: EventStream] = [:]
    var nextStream: UInt32 = 1
  }

  let identity: String
  /// Messages that belong to no request, for the client's one stream of them.
  let unsolicited: EventStream
  private let replay: Replay?
  private let log: EventLog?
  private let session: any ClientSession
  private let callLimit: Int
  private let inFlight: CallsInFlight
  /// `begin` wants one message at a time.
  private let turn = Mutex(())
  private let state = Mutex(State())

  /// - Parameter replay: nil where streams cannot be resumed.
  init(
    _ session: any ClientSession, identity: String, callLimit: Int, inFlight: CallsInFlight,
    replay: Replay?
  ) {
    self.session = session
    self.identity = identity
    self.callLimit = callLimit
    self.inFlight = inFlight
    self.replay = replay
    log = replay.map { EventLog($0.limits, total: $0.total) }
    unsolicited = .unsolicited(Self.memory(0, session.id, replay, log))
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

  /// The same for the messages of a batch.
  func begin(
    _ batch: MessageBatch, scopes: Set<String>, on connection: any Channel
  ) -> BatchExchange {
    attach(connection)
    return turn.withLock { _ in BatchExchange(batch, scopes: scopes, in: session) }
  }

  var acceptsBatches: Bool { session.acceptsBatches }

  /// Runs `exchange` beside whatever the connection does. Throws if too many calls run already, or
  /// if the session has ended meanwhile.
  func start(
    _ exchange: Exchange, emit: @escaping Exchange.Emit,
    whenDone: @escaping @Sendable (Message?) async -> Void
  ) throws(RPCError) {
    let task = try begin(1) { await whenDone(await exchange.runAdopted(emit: emit)) }
    exchange.handle.adopt(task)
  }

  /// The same for work that counts as `calls`.
  func start(_ calls: Int, _ work: @escaping @Sendable () async -> Void) throws(RPCError) {
    _ = try begin(calls, work)
  }

  private func begin(
    _ calls: Int, _ work: @escaping @Sendable () async -> Void
  ) throws(RPCError) -> Task<Void, Never> {
    try state.withLock { state throws(RPCError) in
      guard !state.isEnded else { throw .internal("the session has ended") }
      guard state.running + calls <= callLimit else { throw .tooManyRequests(callLimit) }
      try inFlight.enter(identity, calls)
      state.running += calls
      let number = state.nextCall
      state.nextCall += 1
      // On the loop of the connection that asks: a call then changes no thread.
      let task = Task(executorPreference: LoopExecutor.current) {
        await work()
        self.finished(number, calls)
      }
      state.calls[number] = task
      return task
    }
  }

  private func finished(_ number: Int, _ calls: Int) {
    inFlight.leave(identity, calls)
    state.withLock { state in
      state.running -= calls
      state.calls[number] = nil
      state.lastUsed = .now
      if !state.connections.contains(where: \.isActive) { state.hasMissedAnswer = true }
    }
  }

  // MARK: Streams

  private static func memory(
    _ number: UInt32, _ session: String, _ replay: Replay?, _ log: EventLog?
  ) -> EventStream.Memory? {
    guard let replay, let log else { return nil }
    return EventStream.Memory(number: number, session: session, seal: replay.seal, log: log)
  }

  /// The stream of one more request.
  func makeStream() -> EventStream {
    let number = state.withLock { state in
      defer { state.nextStream &+= 1 }
      return state.nextStream
    }
    return .ofRequest(Self.memory(number, id, replay, log))
  }

  /// The client may come back to `stream`.
  func keep(_ stream: EventStream) {
    guard let number = stream.number else { return }
    state.withLock { state in
      if !state.isEnded { state.streams[number] = stream }
    }
  }

  /// Events without data are new in 2025-11-25; older clients would look for a message there.
  var isPrimed: Bool { state.withLock(\.isPrimed) }

  /// Remembers the revision that the client was told.
  func initialized(_ result: JSONText) {
    let version = result["protocolVersion"]?.string
    state.withLock { $0.isPrimed = version == ProtocolVersion.november2025.rawValue }
  }

  enum Resumption: Sendable {
    case stream(EventStream, EventStream.Reader)
    /// The id was not given out in this session.
    case unknown
    /// Events after it are not kept any more.
    case gone
  }

  /// The stream that an event belongs to, from the next event on; never another's.
  func resume(after text: String) -> Resumption {
    guard let id = replay?.seal.open(text, session: self.id) else { return .unknown }
    let stream: EventStream? =
      id.stream == 0 ? unsolicited : state.withLock { $0.streams[id.stream] }
    guard let stream, let reader = stream.attach(after: id.number) else { return .gone }
    return .stream(stream, reader)
  }

  /// A client that listens, or has stopped to, is using its session.
  func touch() { state.withLock { $0.lastUsed = .now } }

  private func forgetOldStreams(now: ContinuousClock.Instant) {
    guard let log else { return }
    log.expire(now: now)
    let old = state.withLock { state in
      let old = state.streams.filter { number, stream in
        stream.isFinished && !stream.hasReader && !log.keeps(number)
      }
      for number in old.keys { state.streams[number] = nil }
      return old
    }
    // Their end takes the log's lock: not under ours.
    withExtendedLifetime(old) {}
  }

  // MARK: Care

  /// Looks after a client that may have vanished. Losing a connection cancels nothing (MCP, Streamable
  /// HTTP); but without any for longer than `grace` nobody can fetch the answers any more, so calls
  /// end and what they hold is released. A client that was only away for a while goes on in its
  /// session. Returns how long the session has been idle.
  func sweep(now: ContinuousClock.Instant, grace: Duration) -> Duration {
    forgetOldStreams(now: now)
    let isListening = unsolicited.hasReader
    let (idle, calls, isAbandoned) = state.withLock { state in
      state.connections.removeAll { !$0.isActive }
      state.aloneSince = state.connections.isEmpty ? state.aloneSince ?? now : nil
      let isAlone = state.aloneSince.map { now - $0 >= grace } ?? false
      let isAbandoned = isAlone && (!state.calls.isEmpty || state.hasMissedAnswer)
      if isAbandoned { state.hasMissedAnswer = false }
      let isBusy = !state.calls.isEmpty || isListening
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
    let isListening = unsolicited.hasReader
    return state.withLock { state in
      let isUsed =
        !state.calls.isEmpty || isListening
        || state.connections.contains(where: \.isActive)
      return isUsed ? nil : state.lastUsed
    }
  }

  /// Cancels what runs and releases what the session holds.
  func end() async {
    let (calls, pump, streams) = state.withLock { state in
      state.isEnded = true
      defer { state.streams = [:] }
      return (Array(state.calls.values), state.pump, Array(state.streams.values))
    }
    for call in calls { call.cancel() }
    pump?.cancel()
    unsolicited.finish(with: nil)
    for stream in streams { stream.finish(with: nil) }
    await session.end()
  }
}
