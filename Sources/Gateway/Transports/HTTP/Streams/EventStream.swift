import NIOCore
import Synchronization
import Wire

/// The messages of one event stream on their way to one client: those of one request with its
/// response, or those that belong to no request.
///
/// The stream outlives its connection. While somebody reads, producers wait for him, so a slow
/// reader slows his own calls and nobody else's. When his connection breaks, the events go on into
/// the session's log, and a client that comes back names the last one it has.
///
/// The stream of a request begins late: an answer that comes soon and alone needs none.
final class EventStream: Sendable {
  /// How a stream gets ids and a log; nil for HTTP+SSE, which cannot be resumed.
  struct Memory: Sendable {
    let number: UInt32
    let session: String
    let seal: EventID.Seal
    let log: EventLog
  }

  /// What becomes of messages while nobody reads.
  enum WithoutReader: Sendable {
    /// They wait for the first reader, and producers wait when there are many.
    case wait
    /// They go into the log alone.
    case log
  }

  enum Taken: Sendable {
    case event(ByteBuffer)
    /// Somebody wants the reader to look around: a timer.
    case nudge
    /// Nothing more comes.
    case finished
    /// The client reads this stream on another connection now.
    case replaced
  }

  private struct State {
    /// Before the stream has begun.
    var early: [Message] = []
    var hasBegun: Bool
    var hasResponse = false
    var waiting: [ByteBuffer] = []
    var last: UInt32 = 0
    var isFinished = false
    var isNudged = false
    /// The reader that counts; 0: none.
    var reader: UInt64 = 0
    var readers: UInt64 = 0
    var consumer: CheckedContinuation<Void, Never>?
    var producers: [CheckedContinuation<Void, Never>] = []
  }

  private static let capacity = 16

  private let memory: Memory?
  private let withoutReader: WithoutReader
  private let state: Mutex<State>

  /// The stream of a request: it begins when the answer needs one.
  static func ofRequest(_ memory: Memory?) -> EventStream {
    EventStream(memory, withoutReader: .log, hasBegun: false)
  }

  /// The stream of what belongs to no request.
  static func unsolicited(_ memory: Memory?) -> EventStream {
    EventStream(memory, withoutReader: .wait, hasBegun: true)
  }

  private init(_ memory: Memory?, withoutReader: WithoutReader, hasBegun: Bool) {
    self.memory = memory
    self.withoutReader = withoutReader
    state = Mutex(State(hasBegun: hasBegun))
    if hasBegun, let memory { memory.log.open(memory.number) }
  }

  deinit {
    if let memory { memory.log.close(memory.number) }
  }

  /// Among the streams of its session.
  var number: UInt32? { memory?.number }

  var hasReader: Bool { state.withLock { $0.reader != 0 } }
  var isFinished: Bool { state.withLock(\.isFinished) }

  // MARK: Writing

  /// Adds a message; waits for room while there is a reader, or while messages wait for one.
  func send(_ message: Message) async {
    // Where nobody slows a producer down it must not keep a thread to itself.
    if !hasReader { await Task.yield() }
    while !offer(message) {
      await withCheckedContinuation { continuation in
        let hasRoom = state.withLock { state in
          guard isFull(state) else { return true }
          state.producers.append(continuation)
          return false
        }
        if hasRoom { continuation.resume() }
      }
    }
  }

  /// Adds a last message, without waiting, and ends the stream.
  func finish(with message: Message?) {
    let consumer = state.withLock { state -> CheckedContinuation<Void, Never>? in
      guard !state.isFinished else { return nil }
      if let message { add(message, &state) }
      state.hasResponse = message != nil
      state.isFinished = true
      return take(&state.consumer)
    }
    consumer?.resume()
    wakeProducers()
  }

  private func isFull(_ state: State) -> Bool {
    if state.isFinished { return false }
    if !state.hasBegun { return state.early.count >= Self.capacity }
    let isWaitedFor = state.reader != 0 || withoutReader == .wait
    return isWaitedFor && state.waiting.count >= Self.capacity
  }

  /// False if there is no room.
  private func offer(_ message: Message) -> Bool {
    let (isTaken, consumer) = state.withLock {
      state -> (Bool, CheckedContinuation<Void, Never>?) in
      if isFull(state) { return (false, nil) }
      if !state.isFinished { add(message, &state) }
      return (true, take(&state.consumer))
    }
    consumer?.resume()
    return isTaken
  }

  private func add(_ message: Message, _ state: inout State) {
    guard state.hasBegun else { return state.early.append(message) }
    state.last += 1
    let id = memory.map { EventID(stream: $0.number, number: state.last) }
    let buffer = ServerSentEvents.message(message, id: id.flatMap(text))
    if let memory, let id { memory.log.append(EventLog.Event(id: id, buffer: buffer)) }
    if state.reader != 0 || withoutReader == .wait { state.waiting.append(buffer) }
  }

  private func text(_ id: EventID) -> String? {
    memory.map { $0.seal.text(id, session: $0.session) }
  }

  // MARK: Beginning

  /// Waits for the first sign: nil where a stream is needed, and the answer where it is all.
  func soleAnswer() async -> Message? {
    await withCheckedContinuation { continuation in
      let isReady = state.withLock { state in
        guard state.early.isEmpty, !state.isNudged, !state.isFinished else { return true }
        state.consumer = continuation
        return false
      }
      if isReady { continuation.resume() }
    }
    return state.withLock { state in
      state.hasResponse && state.early.count == 1 ? state.early[0] : nil
    }
  }

  /// From here on messages are events; what has come already are the first.
  func begin() -> Reader {
    defer { wakeProducers() }
    return state.withLock { state in
      state.hasBegun = true
      if let memory { memory.log.open(memory.number) }
      let reader = newReader(&state)
      let early = state.early
      state.early = []
      for message in early { add(message, &state) }
      return reader
    }
  }

  /// The client went before it was given an id to come back with: there is nobody to write for.
  func abandon() {
    state.withLock { state in
      state.isFinished = true
      state.early = []
    }
    wakeProducers()
  }

  // MARK: Reading

  /// One connection's place at the stream.
  struct Reader: Sendable {
    fileprivate let number: UInt64
  }

  /// Takes the place if it is free, and goes on where the stream is.
  func attach() -> Reader? {
    state.withLock { state in
      guard state.reader == 0 else { return nil }
      return newReader(&state)
    }
  }

  /// Takes the place, from whoever has it, to go on after the event `number`. Nil if events since
  /// then are not kept any more.
  func attach(after number: UInt32) -> Reader? {
    let (reader, displaced) = state.withLock {
      state -> (Reader?, CheckedContinuation<Void, Never>?) in
      guard let memory, number <= state.last,
        let events = memory.log.events(of: memory.number, after: number)
      else { return (nil, nil) }
      state.waiting = events.map(\.buffer)
      return (newReader(&state), take(&state.consumer))
    }
    displaced?.resume()
    wakeProducers()
    return reader
  }

  private func newReader(_ state: inout State) -> Reader {
    state.readers += 1
    state.reader = state.readers
    return Reader(number: state.readers)
  }

  /// The reader's connection is gone.
  func leave(_ reader: Reader) {
    state.withLock { state in
      guard state.reader == reader.number else { return }
      state.reader = 0
      if withoutReader == .log { state.waiting = [] }
    }
    wakeProducers()
  }

  func nudge() {
    let consumer = state.withLock { state in
      state.isNudged = true
      return take(&state.consumer)
    }
    consumer?.resume()
  }

  /// The next for `reader`. Events come before nudges and the end.
  func next(_ reader: Reader) async -> Taken {
    while true {
      if let taken = take(for: reader) { return taken }
      await withCheckedContinuation { continuation in
        let isReady = state.withLock { state in
          guard state.reader == reader.number, state.waiting.isEmpty, !state.isNudged,
            !state.isFinished
          else { return true }
          state.consumer = continuation
          return false
        }
        if isReady { continuation.resume() }
      }
    }
  }

  private func take(for reader: Reader) -> Taken? {
    let (taken, producer) = state.withLock {
      state -> (Taken?, CheckedContinuation<Void, Never>?) in
      guard state.reader == reader.number else { return (.replaced, nil) }
      if !state.waiting.isEmpty {
        let buffer = state.waiting.removeFirst()
        return (.event(buffer), state.producers.isEmpty ? nil : state.producers.removeFirst())
      }
      if state.isFinished { return (.finished, nil) }
      defer { state.isNudged = false }
      return (state.isNudged ? .nudge : nil, nil)
    }
    producer?.resume()
    return taken
  }

  /// What a client is told before the first event, so that it can come back even if it never gets
  /// one; nil where it could not.
  var beginning: ByteBuffer? {
    let id = memory.map { memory in
      // What waits has not been told yet: it comes after this event.
      EventID(
        stream: memory.number,
        number: state.withLock { $0.last &- UInt32(clamping: $0.waiting.count) })
    }
    return id.flatMap(text).map(ServerSentEvents.beginning)
  }

  private func wakeProducers() {
    let producers = state.withLock { state in
      defer { state.producers = [] }
      return state.producers
    }
    for producer in producers { producer.resume() }
  }

  private func take(
    _ continuation: inout CheckedContinuation<Void, Never>?
  ) -> CheckedContinuation<Void, Never>? {
    defer { continuation = nil }
    return continuation
  }
}
