import NIOCore

/// The end of an attached connection's pipeline: sorts frames into output and errors.
final class StdioHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private var decoder = StdioFrameDecoder()
  private let output: ByteQueue
  private let errors: StderrTail
  private let gate: WriteGate

  init(output: ByteQueue, errors: StderrTail, gate: WriteGate) {
    self.output = output
    self.errors = errors
    self.gate = gate
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var input = unwrapInboundIn(data)
    do {
      while let (stream, piece) = try decoder.next(&input) {
        switch stream {
        case .output: output.push(piece)
        case .error: errors.append(piece)
        }
      }
    } catch {
      fail(EngineError(.malformed, "read the container's output", error.message))
      context.close(promise: nil)
    }
  }

  /// The switch to this handler takes a turn of the event loop. Of a connection that ended
  /// meanwhile nothing more is reported, and its first bytes may be lost with it.
  func handlerAdded(context: ChannelHandlerContext) {
    guard !context.channel.isActive else { return }
    fail(EngineError(.unreachable, "talk to the container", "the engine closed the connection"))
  }

  func channelInactive(context: ChannelHandlerContext) {
    errors.finish()
    if decoder.isBetweenFrames {
      output.finish()
      gate.close(Self.ended)
    } else {
      fail(EngineError(.malformed, "read the container's output", "it ended within a frame"))
    }
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    let failure = EngineError.transport("talk to the container", error)
    fail(failure as? EngineError ?? Self.ended)
    context.close(promise: nil)
  }

  private func fail(_ error: EngineError) {
    output.fail(error)
    gate.close(error)
  }

  private static let ended = EngineError(
    .conflict, "talk to the container", "the container has ended")
}
