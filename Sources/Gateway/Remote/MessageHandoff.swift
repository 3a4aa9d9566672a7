import Synchronization
import Wire

/// Hands messages from readers of the network to one consumer. A reader waits while the consumer
/// lags, and so stops reading from the network: nothing is buffered without limit.
final class MessageHandoff: Sendable {
  private struct State {
    var messages: [IncomingMessage] = []
    var bytes = 0
    var ending: Ending?
    var consumer: CheckedContinuation<Void, Never>?
    var readers: [UInt64: CheckedContinuation<Void, Never>] = [:]
    var nextReader: UInt64 = 0
  }
  private enum Ending {
    case finished
    case failed(Fault)
  }
  private enum Taken {
    case message(IncomingMessage)
    case nothing, end
    case failure(Fault)
  }

  private let state = Mutex(State())
  private let mostMessages: Int
  private let mostBytes: Int

  /// A single message may be larger than `mostBytes`; then it waits alone.
  init(mostMessages: Int = 64, mostBytes: Int = 1 << 20) {
    self.mostMessages = mostMessages
    self.mostBytes = mostBytes
  }

  /// Messages for the one consumer.
  var stream: AsyncThrowingStream<IncomingMessage, any Error> {
    AsyncThrowingStream(unfolding: { [self] in try await next() })
  }

  /// Waits for room. Throws `CancellationError` when cancelled or when nobody will take it.
  func offer(_ message: [UInt8], of request: RequestID? = nil) async throws {
    while true {
      try Task.checkCancellation()
      let isPlaced = try state.withLock { state in
        guard state.ending == nil else { throw CancellationError() }
        let hasRoom =
          state.messages.isEmpty
          || (state.messages.count < mostMessages && state.bytes + message.count <= mostBytes)
        guard hasRoom else { return false }
        state.messages.append(IncomingMessage(message, of: request))
        state.bytes += message.count
        return true
      }
      if isPlaced {
        wakeConsumer()
        return
      }
      await waitForRoom()
    }
  }

  /// No more messages. What is waiting is still delivered. The first ending counts.
  func end(_ fault: Fault? = nil) {
    let readers = state.withLock { state in
      if state.ending == nil { state.ending = fault.map(Ending.failed) ?? .finished }
      defer { state.readers = [:] }
      return state.readers.values.map { $0 }
    }
    for reader in readers { reader.resume() }
    wakeConsumer()
  }

  private func next() async throws -> IncomingMessage? {
    while !Task.isCancelled {
      switch take() {
      case .message(let message): return message
      case .end: return nil
      case .failure(let fault): throw fault
      case .nothing: await waitForMessage()
      }
    }
    return nil
  }

  private func take() -> Taken {
    let (taken, readers) = state.withLock {
      state -> (Taken, [CheckedContinuation<Void, Never>]) in
      if !state.messages.isEmpty {
        let message = state.messages.removeFirst()
        state.bytes -= message.bytes.count
        defer { state.readers = [:] }
        return (.message(message), state.readers.values.map { $0 })
      }
      switch state.ending {
      case nil: return (.nothing, [])
      case .finished: return (.end, [])
      case .failed(let fault): return (.failure(fault), [])
      }
    }
    for reader in readers { reader.resume() }
    return taken
  }

  private func wakeConsumer() {
    let consumer = state.withLock { state in
      defer { state.consumer = nil }
      return state.consumer
    }
    consumer?.resume()
  }

  private func waitForMessage() async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isReady = state.withLock { state in
          guard state.messages.isEmpty, state.ending == nil, !Task.isCancelled else { return true }
          state.consumer = continuation
          return false
        }
        if isReady { continuation.resume() }
      }
    } onCancel: {
      wakeConsumer()
    }
  }

  private func waitForRoom() async {
    let number = state.withLock { state in
      state.nextReader += 1
      return state.nextReader
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isReady = state.withLock { state in
          guard !state.messages.isEmpty, state.ending == nil, !Task.isCancelled else { return true }
          state.readers[number] = continuation
          return false
        }
        if isReady { continuation.resume() }
      }
    } onCancel: {
      let reader = state.withLock { $0.readers.removeValue(forKey: number) }
      reader?.resume()
    }
  }
}
