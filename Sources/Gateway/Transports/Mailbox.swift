import Synchronization

/// A bounded queue between tasks that produce messages and the one that writes them to a client.
///
/// Producers wait while it is full, so a slow reader slows its own calls and nobody else's. The
/// consumer can be nudged, which serves timers and closed connections without another task.
final class Mailbox<Element: Sendable>: Sendable {
  enum Event: Sendable {
    case element(Element)
    /// Somebody wants the consumer to look around: a timer, a closed connection.
    case nudge
    /// Nothing more comes.
    case finished
  }

  private struct State {
    var elements: [Element] = []
    var isNudged = false
    var isFinished = false
    /// The consumer is gone: what is sent is dropped.
    var isAbandoned = false
    var consumer: CheckedContinuation<Void, Never>?
    var producers: [CheckedContinuation<Void, Never>] = []
  }

  private let capacity: Int
  private let state = Mutex(State())

  init(capacity: Int) { self.capacity = capacity }

  /// Waits for room, then adds `element`. Dropped if the consumer is gone.
  func send(_ element: Element) async {
    while !offer(element) {
      await withCheckedContinuation { continuation in
        let hasRoom = state.withLock { state in
          guard state.elements.count >= capacity, !state.isAbandoned, !state.isFinished
          else { return true }
          state.producers.append(continuation)
          return false
        }
        if hasRoom { continuation.resume() }
      }
    }
  }

  /// Adds `element` though the box may be full: for a last message that must not wait.
  func finish(with element: Element?) {
    change { state in
      guard !state.isFinished else { return }
      if let element, !state.isAbandoned { state.elements.append(element) }
      state.isFinished = true
    }
    wakeProducers()
  }

  func nudge() { change { $0.isNudged = true } }

  /// The consumer does not read any more.
  func abandon() {
    change { state in
      state.isAbandoned = true
      state.elements = []
    }
    wakeProducers()
  }

  /// The next event, for one consumer at a time. Elements come before nudges and the end.
  func next() async -> Event {
    while true {
      if let event = take() { return event }
      await withCheckedContinuation { continuation in
        let isReady = state.withLock { state in
          guard state.elements.isEmpty, !state.isNudged, !state.isFinished else { return true }
          state.consumer = continuation
          return false
        }
        if isReady { continuation.resume() }
      }
    }
  }

  /// False if there is no room.
  private func offer(_ element: Element) -> Bool {
    let (isTaken, consumer) = state.withLock { state in
      if state.isAbandoned || state.isFinished {
        return (true, CheckedContinuation<Void, Never>?.none)
      }
      guard state.elements.count < capacity else { return (false, nil) }
      state.elements.append(element)
      defer { state.consumer = nil }
      return (true, state.consumer)
    }
    consumer?.resume()
    return isTaken
  }

  private func take() -> Event? {
    let (event, producer) = state.withLock { state -> (Event?, CheckedContinuation<Void, Never>?) in
      if !state.elements.isEmpty {
        let element = state.elements.removeFirst()
        return (.element(element), state.producers.isEmpty ? nil : state.producers.removeFirst())
      }
      if state.isFinished { return (.finished, nil) }
      defer { state.isNudged = false }
      return (state.isNudged ? .nudge : nil, nil)
    }
    producer?.resume()
    return event
  }

  private func change(_ body: (inout State) -> Void) {
    let consumer = state.withLock { state in
      body(&state)
      defer { state.consumer = nil }
      return state.consumer
    }
    consumer?.resume()
  }

  private func wakeProducers() {
    let producers = state.withLock { state in
      defer { state.producers = [] }
      return state.producers
    }
    for producer in producers { producer.resume() }
  }
}
