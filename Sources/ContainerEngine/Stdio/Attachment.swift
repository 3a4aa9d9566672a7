import NIOCore

/// A connection to a container's standard input, output and error.
///
/// Writers wait while the container does not read, and the container waits while nobody reads its
/// output. Standard error is always read; its end is kept.
public final class Attachment: Sendable {
  private let channel: any Channel
  private let gate: WriteGate
  private let queue: ByteQueue
  private let errors: StderrTail

  init(channel: any Channel, onStderrLine: (@Sendable (String) -> Void)?) throws {
    self.channel = channel
    gate = WriteGate()
    queue = ByteQueue()
    errors = StderrTail(onLine: onStderrLine)
    let pipeline = channel.pipeline.syncOperations
    try pipeline.addHandler(ReadBrake(queue))
    try pipeline.addHandler(StdioHandler(output: queue, errors: errors, gate: gate))
  }

  /// Writes all of `bytes`, in one piece. Returns when they are on their way; waits before that
  /// while too much is. Throws when the container is gone. A cancelled write has written nothing.
  public func write(_ bytes: [UInt8]) async throws {
    try await write(ByteBuffer(bytes: bytes))
  }

  /// Writes `bytes` and a line end in one piece.
  public func writeLine(_ bytes: [UInt8]) async throws {
    var buffer = channel.allocator.buffer(capacity: bytes.count + 1)
    buffer.writeBytes(bytes)
    buffer.writeInteger(UInt8(ascii: "\n"))
    try await write(buffer)
  }

  private func write(_ buffer: ByteBuffer) async throws {
    let count = buffer.readableBytes
    try await gate.enter(count)
    let promise = channel.eventLoop.makePromise(of: Void.self)
    let gate = gate
    promise.futureResult.whenComplete { _ in gate.leave(count) }
    channel.writeAndFlush(buffer, promise: promise)
  }

  /// Ends the container's standard input after what was written; its output goes on.
  public func closeInput() async {
    // Fails only if the connection is closed already, and then the input is too.
    try? await channel.close(mode: .output)
  }

  /// What the container writes to standard output, in the pieces in which it comes. For one
  /// consumer. Ends when the container does; throws if the connection breaks.
  public var output: ContainerOutput { ContainerOutput(queue: queue) }

  /// Standard output by lines; use either this or ``output``.
  public func lines(maximum: Int = ContainerLines.defaultMaximum) -> ContainerLines {
    ContainerLines(queue: queue, maximum: maximum)
  }

  /// The last 16 KiB that the container wrote to standard error.
  public var stderrTail: [UInt8] { errors.bytes }

  /// Gives up the connection. The container's input ends with it, the container need not.
  public func close() async {
    // Fails only if the connection is closed already.
    try? await channel.close()
  }
}
