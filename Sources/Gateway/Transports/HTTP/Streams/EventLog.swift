import NIOCore
import Synchronization

/// The events that a session's streams have sent, for a client that lost its connection. Bounded by
/// number, size and age; what is over a limit goes oldest first, and a client that asks for more
/// than is left is told so, never served with a gap.
final class EventLog: Sendable {
  struct Limits: Sendable, Hashable {
    var events = 1_000
    var bytes = 8 << 20
    var age = Duration.seconds(5 * 60)
  }

  struct Event: Sendable {
    let id: EventID
    let buffer: ByteBuffer
  }

  private struct Entry {
    let event: Event
    let time: ContinuousClock.Instant
  }

  /// What is known of a stream besides its events that are kept.
  private struct Stream {
    /// The newest event that is gone.
    var lost: UInt32 = 0
    var kept = 0
    var isOver = false
  }

  private struct State {
    /// From `first` on; what is before has gone.
    var entries: [Entry?] = []
    var first = 0
    var bytes = 0
    var streams: [UInt32: Stream] = [:]
  }

  private let limits: Limits
  /// Shared by all sessions: many that are each within their limits could still be too much.
  private let total: EventTotal
  private let state = Mutex(State())

  init(_ limits: Limits, total: EventTotal) {
    self.limits = limits
    self.total = total
  }

  deinit { total.add(-state.withLock { $0.bytes }) }

  func append(_ event: Event, now: ContinuousClock.Instant = .now) {
    state.withLock { state in
      let size = event.buffer.readableBytes
      state.entries.append(Entry(event: event, time: now))
      state.bytes += size
      state.streams[event.id.stream, default: Stream()].kept += 1
      let isTooMuch = total.add(size)
      while state.first < state.entries.count,
        isTooMuch && total.isExceeded
          || state.entries.count - state.first > limits.events || state.bytes > limits.bytes
      { drop(&state) }
      compact(&state)
    }
  }

  /// The events of a stream after `number`; nil if some of them are not kept any more.
  func events(of stream: UInt32, after number: UInt32) -> [Event]? {
    state.withLock { state in
      guard let known = state.streams[stream], known.lost <= number else { return nil }
      return state.entries[state.first...].compactMap {
        guard let event = $0?.event, event.id.stream == stream, event.id.number > number else {
          return nil
        }
        return event
      }
    }
  }

  /// A stream that exists may be resumed also before its first event.
  func open(_ stream: UInt32) {
    state.withLock { $0.streams[stream] = Stream() }
  }

  /// Nothing more comes on the stream; it is forgotten with its last event.
  func close(_ stream: UInt32) {
    state.withLock { state in
      state.streams[stream]?.isOver = true
      forgetIfEmpty(stream, &state)
    }
  }

  /// Whether anything of the stream can be asked for again.
  func keeps(_ stream: UInt32) -> Bool { state.withLock { $0.streams[stream]?.kept ?? 0 > 0 } }

  func expire(now: ContinuousClock.Instant) {
    state.withLock { state in
      while state.first < state.entries.count, let entry = state.entries[state.first],
        now - entry.time >= limits.age
      { drop(&state) }
      compact(&state)
    }
  }

  private func drop(_ state: inout State) {
    guard let event = state.entries[state.first]?.event else { return }
    state.entries[state.first] = nil
    state.first += 1
    state.bytes -= event.buffer.readableBytes
    total.add(-event.buffer.readableBytes)
    state.streams[event.id.stream]?.kept -= 1
    state.streams[event.id.stream]?.lost = event.id.number
    forgetIfEmpty(event.id.stream, &state)
  }

  private func forgetIfEmpty(_ stream: UInt32, _ state: inout State) {
    guard let known = state.streams[stream], known.isOver, known.kept == 0 else { return }
    state.streams[stream] = nil
  }

  /// Now and then, so that dropping costs little however many events there are.
  private func compact(_ state: inout State) {
    guard state.first > 0, state.first * 2 >= state.entries.count else { return }
    state.entries.removeFirst(state.first)
    state.first = 0
  }
}

/// The size of all logs together.
final class EventTotal: Sendable {
  private let limit: Int
  private let bytes = Atomic(0)

  init(limit: Int = 256 << 20) { self.limit = limit }

  /// Whether the limit is exceeded afterwards.
  @discardableResult
  func add(_ count: Int) -> Bool {
    bytes.add(count, ordering: .relaxed).newValue > limit
  }

  var isExceeded: Bool { bytes.load(ordering: .relaxed) > limit }
}
