import Synchronization

/// The lines of a container's standard output, without their ends; empty lines are left out, a
/// last line without an end is delivered. For one consumer.
public struct ContainerLines: AsyncSequence, Sendable {
  /// As large as a message from a server may be.
  public static let defaultMaximum = 32 << 20

  private let reader: LineReader

  init(queue: ByteQueue, maximum: Int) { reader = LineReader(queue: queue, maximum: maximum) }

  public func makeAsyncIterator() -> Iterator { Iterator(reader: reader) }

  public struct Iterator: AsyncIteratorProtocol {
    fileprivate let reader: LineReader

    /// Throws an ``EngineError`` of kind `tooLarge` for a line over the limit; what follows is lost.
    public func next() async throws -> [UInt8]? { try await reader.next() }
  }

  /// The same lines as a stream. It reads one when one is wanted, so the container waits for a
  /// consumer that does not ask.
  public var stream: AsyncThrowingStream<[UInt8], any Error> {
    AsyncThrowingStream { [reader] in try await reader.next() }
  }
}

private final class LineReader: Sendable {
  private let queue: ByteQueue
  private let splitter: Mutex<LineSplitter>
  private let maximum: Int

  init(queue: ByteQueue, maximum: Int) {
    self.queue = queue
    self.maximum = maximum
    splitter = Mutex(LineSplitter(maximum: maximum))
  }

  func next() async throws -> [UInt8]? {
    while true {
      if let line = try nextReady() { return line }
      guard let chunk = try await queue.next() else { return splitter.withLock { $0.finish() } }
      splitter.withLock { $0.append(chunk) }
    }
  }

  private func nextReady() throws -> [UInt8]? {
    do { return try splitter.withLock { try $0.next() } } catch {
      throw EngineError(
        .tooLarge, "read the container's output",
        "a line of the container's output is longer than \(maximum) bytes")
    }
  }
}
