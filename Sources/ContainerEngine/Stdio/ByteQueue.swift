import NIOCore
import Synchronization

/// Bytes from an event loop to one waiting task: bounded, and awake the moment a chunk arrives.
///
/// The event loop never waits: over the bound it stops reading the socket (``isFull``), and what
/// the peer then sends fills the kernel's buffers and stops the peer.
final class ByteQueue: Sendable {
  /// The bound counts chunks too: small chunks can each keep a large read buffer alive.
  private static let mostBytes = 256 << 10
  private static let mostChunks = 64

  private enum Ending {
    case finished
    case failed(any Error)
  }

  private struct State {
    var chunks = CircularBuffer<ByteBuffer>()
    var bytes = 0
    var ending: Ending?
    var waiter: CheckedContinuation<ByteBuffer?, any Error>?
    /// Set while reading is held back.
    var resumeReading: (@Sendable () -> Void)?

    var isFull: Bool { bytes >= ByteQueue.mostBytes || chunks.count >= ByteQueue.mostChunks }

    mutating func take() -> ByteBuffer? {
      guard let chunk = chunks.popFirst() else { return nil }
      bytes -= chunk.readableBytes
      return chunk
    }

    mutating func takeResumption() -> (@Sendable () -> Void)? {
      guard !isFull else { return nil }
      defer { resumeReading = nil }
      return resumeReading
    }
  }

  private let state = Mutex(State())

  /// From the event loop: the next chunk.
  func push(_ chunk: ByteBuffer) {
    let waiter = state.withLock { state -> CheckedContinuation<ByteBuffer?, any Error>? in
      guard state.ending == nil else { return nil }
      if let waiter = state.waiter {
        state.waiter = nil
        return waiter
      }
      state.chunks.append(chunk)
      state.bytes += chunk.readableBytes
      return nil
    }
    waiter?.resume(returning: chunk)
  }

  /// No more bytes; those pushed before are still delivered. The first ending counts.
  func finish() { end(.finished) }

  /// Broken; those pushed before are still delivered, then the error.
  func fail(_ error: any Error) { end(.failed(error)) }

  private func end(_ ending: Ending) {
    let waiter = state.withLock { state -> CheckedContinuation<ByteBuffer?, any Error>? in
      guard state.ending == nil else { return nil }
      state.ending = ending
      defer { state.waiter = nil }
      return state.waiter
    }
    switch ending {
    case .finished: waiter?.resume(returning: nil)
    case .failed(let error): waiter?.resume(throwing: error)
    }
  }

  /// Whether reading has to stop. If so, `resume` is called once when there is room again.
  func holdsBack(until resume: @escaping @Sendable () -> Void) -> Bool {
    state.withLock { state in
      guard state.isFull, state.ending == nil else { return false }
      state.resumeReading = resume
      return true
    }
  }

  /// The next chunk; nil at the end. For one consumer at a time.
  func next() async throws -> ByteBuffer? {
    if let ready = try takeReady() { return ready.chunk }
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { wait($0) }
    } onCancel: {
      let waiter = state.withLock { state in
        defer { state.waiter = nil }
        return state.waiter
      }
      waiter?.resume(throwing: CancellationError())
    }
  }

  private struct Ready { let chunk: ByteBuffer? }

  /// What can be had without waiting; nil if waiting is needed.
  private func takeReady() throws -> Ready? {
    let (result, resume) = state.withLock {
      state -> (Result<Ready?, any Error>, (@Sendable () -> Void)?) in
      if let chunk = state.take() { return (.success(Ready(chunk: chunk)), state.takeResumption()) }
      switch state.ending {
      case .finished?: return (.success(Ready(chunk: nil)), nil)
      case .failed(let error)?: return (.failure(error), nil)
      case nil: return (.success(nil), nil)
      }
    }
    resume?()
    return try result.get()
  }

  private func wait(_ continuation: CheckedContinuation<ByteBuffer?, any Error>) {
    // Something may have come between the first look and this one, also a cancellation.
    let outcome = state.withLock { state -> Result<ByteBuffer?, any Error>? in
      if let chunk = state.take() { return .success(chunk) }
      switch state.ending {
      case .finished?: return .success(nil)
      case .failed(let error)?: return .failure(error)
      case nil: break
      }
      if Task.isCancelled { return .failure(CancellationError()) }
      guard state.waiter == nil else {
        return .failure(EngineError(.conflict, "read", "two readers of one stream"))
      }
      state.waiter = continuation
      return nil
    }
    if let outcome { continuation.resume(with: outcome) }
  }
}

/// Stops reading from the socket while the queue is full. Stands before the handler that fills it.
final class ReadBrake: ChannelOutboundHandler {
  typealias OutboundIn = Any

  private let queue: ByteQueue

  init(_ queue: ByteQueue) { self.queue = queue }

  func read(context: ChannelHandlerContext) {
    let channel = context.channel
    if !queue.holdsBack(until: { channel.read() }) { context.read() }
  }
}
