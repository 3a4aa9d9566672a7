import NIOCore

/// The chunks of a container's standard output.
public struct ContainerOutput: AsyncSequence, Sendable {
  let queue: ByteQueue

  public func makeAsyncIterator() -> Iterator { Iterator(queue: queue) }

  public struct Iterator: AsyncIteratorProtocol {
    let queue: ByteQueue

    public func next() async throws -> ByteBuffer? { try await queue.next() }
  }
}
