import NIOCore

/// A connection to a container's standard input, output and error.
///
/// Writers wait while the container does not read, and the container waits while nobody reads its
/// output. Standard error is always read; its end is kept.
public final class Attachment: Sendable {
  private let channel: any Channel
  private let gate: WriteGate
  let queue: ByteQueue
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

  /// One that its owner forgot does not stay open.
  deinit { channel.close(promise: nil) }

  /// Writes all of `bytes`, in one piece. Returns when they are on their way; waits before that
  /// while too much is. Throws when the container is gone. A cancelled write has written nothing.
  public func write(_ bytes: [UInt8]) async throws {
    try await write(ByteBuffer(bytes: bytes))
  }

  /// Writes `bytes` and a line end in one piece.
  public func writeLine(_ bytes: [UInt8]) async throws { try await write(line(bytes)) }

  /// The same if it takes no waiting, and then without a task's turn; false if nothing was written.
  public func writeLineNow(_ bytes: [UInt8]) throws -> Bool {
    guard try gate.enterNow(bytes.count + 1) else { return false }
    writeAdmitted(line(bytes))
    return true
  }

  private func line(_ bytes: [UInt8]) -> ByteBuffer {
    var buffer = channel.allocator.buffer(capacity: bytes.count + 1)
    buffer.writeBytes(bytes)
    buffer.writeInteger(UInt8(ascii: "\n"))
    return buffer
  }

  private func write(_ buffer: ByteBuffer) async throws {
    try await gate.enter(buffer.readableBytes)
    writeAdmitted(buffer)
  }

  private func writeAdmitted(_ buffer: ByteBuffer) {
    let count = buffer.readableBytes
    let promise = channel.eventLoop.makePromise(of: Void.self)
    let gate = gate
    promise.futureResult.whenComplete { _ in gate.leave(count) }
    channel.writeAndFlush(buffer, promise: promise)
  }

  /// Ends the container's standard input after what was written; its output goes on. Does not wait
  /// for that: a container that does not read would hold up whoever wants to end it.
  public func closeInput() async {
    let channel = channel
    // Fails only when the event loop is gone, and then the connection is too.
    try? await channel.eventLoop.submit { channel.close(mode: .output, promise: nil) }.get()
  }

  /// What the container writes to standard output, in the pieces in which it comes. For one
  /// consumer. Ends when the container does; throws if the connection breaks.
  public var output: ContainerOutput { ContainerOutput(attachment: self) }

  /// Standard output by lines; use either this or ``output``.
  public func lines(maximum: Int = ContainerLines.defaultMaximum) -> ContainerLines {
    ContainerLines(attachment: self, maximum: maximum)
  }

  /// The last 16 KiB that the container wrote to standard error.
  public var stderrTail: [UInt8] { errors.bytes }

  /// Gives up the connection. The container's input ends with it, the container need not.
  public func close() async {
    // Fails only if the connection is closed already.
    try? await channel.close()
  }
}
