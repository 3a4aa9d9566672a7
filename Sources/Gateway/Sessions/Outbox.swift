import Synchronization
import Wire

/// Messages to a client that answer nothing it asked. They wait here while nobody reads; beyond
/// `mostWaiting` the oldest go, which for "the list changed" loses nothing.
final class Outbox: Sendable {
  private static let mostWaiting = 64

  private struct State {
    var waiting: [Message] = []
    var reader: AsyncStream<Message>.Continuation?
    var readers = 0
    var isClosed = false
  }
  private let state = Mutex(State())

  func put(_ message: Message) {
    state.withLock { state in
      guard !state.isClosed else { return }
      if let reader = state.reader {
        reader.yield(message)
        return
      }
      if state.waiting.count == Self.mostWaiting { state.waiting.removeFirst() }
      state.waiting.append(message)
    }
  }

  /// A stream for a new reader; the one before, if any, ends.
  func stream() -> AsyncStream<Message> {
    let (stream, continuation) = AsyncStream.makeStream(
      of: Message.self, bufferingPolicy: .bufferingNewest(Self.mostWaiting))
    let (earlier, number) = state.withLock { state in
      let earlier = state.reader
      state.readers += 1
      if state.isClosed {
        continuation.finish()
      } else {
        for message in state.waiting { continuation.yield(message) }
        state.waiting = []
        state.reader = continuation
      }
      return (earlier, state.readers)
    }
    earlier?.finish()
    continuation.onTermination = { [weak self] _ in self?.readerLeft(number) }
    return stream
  }

  func close() {
    let reader = state.withLock { state in
      state.isClosed = true
      defer { state.reader = nil }
      return state.reader
    }
    reader?.finish()
  }

  private func readerLeft(_ number: Int) {
    state.withLock { state in
      if state.readers == number { state.reader = nil }
    }
  }
}
