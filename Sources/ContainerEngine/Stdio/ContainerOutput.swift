import NIOCore

/// The chunks of a container's standard output.
public struct ContainerOutput: AsyncSequence, Sendable {
  let attachment: Attachment

  public func makeAsyncIterator() -> Iterator { Iterator(attachment: attachment) }

  public struct Iterator: AsyncIteratorProtocol {
    let attachment: Attachment

    public func next() async throws -> ByteBuffer? { try await attachment.queue.next() }
  }
}
