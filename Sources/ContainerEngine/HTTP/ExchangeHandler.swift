import NIOCore
import NIOHTTP1

/// One request and its response on a connection of its own, with its time limit.
final class ExchangeHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPClientResponsePart
  typealias OutboundOut = HTTPClientRequestPart

  private let request: EngineRequest
  private let requestHead: HTTPRequestHead
  private let head: EventLoopPromise<HTTPResponseHead>
  private let body: ByteQueue
  private var timer: Scheduled<Void>?
  private var lastActivity = NIODeadline.now()
  private var isOver = false

  init(
    _ request: EngineRequest, _ requestHead: HTTPRequestHead,
    head: EventLoopPromise<HTTPResponseHead>, body: ByteQueue
  ) {
    self.request = request
    self.requestHead = requestHead
    self.head = head
    self.body = body
  }

  func handlerAdded(context: ChannelHandlerContext) {
    schedule(in: limit.duration, context: context)
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    end(with: closedError, context: context)
  }

  func channelActive(context: ChannelHandlerContext) {
    context.write(wrapOutboundOut(.head(requestHead)), promise: nil)
    switch request.body {
    case .none: context.write(wrapOutboundOut(.end(nil)), promise: nil)
    case .bytes(let bytes):
      context.write(
        wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: bytes)))), promise: nil)
      context.write(wrapOutboundOut(.end(nil)), promise: nil)
    case .stream: break
    }
    context.flush()
    context.fireChannelActive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    lastActivity = .now()
    switch unwrapInboundIn(data) {
    case .head(let answer):
      if case .head = limit { timer?.cancel() }
      head.succeed(answer)
    case .body(let chunk): body.push(chunk)
    case .end:
      isOver = true
      timer?.cancel()
      body.finish()
      context.close(promise: nil)
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    end(with: closedError, context: context)
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    end(with: EngineError.transport(operation, error), context: context)
  }

  private var operation: String { request.operation }
  private var limit: EngineRequest.TimeLimit { request.limit }

  private var closedError: EngineError {
    EngineError(.unreachable, operation, "the engine closed the connection before it had answered")
  }

  private func end(with error: any Error, context: ChannelHandlerContext) {
    guard !isOver else { return }
    isOver = true
    timer?.cancel()
    head.fail(error)
    body.fail(error)
    context.close(promise: nil)
  }

  private func schedule(in delay: TimeAmount, context: ChannelHandlerContext) {
    timer = context.eventLoop.assumeIsolated().scheduleTask(in: delay) {
      self.timeIsUp(context: context)
    }
  }

  private func timeIsUp(context: ChannelHandlerContext) {
    let silence = NIODeadline.now() - lastActivity
    if case .silence = limit, silence < limit.duration {
      return schedule(in: limit.duration - silence, context: context)
    }
    end(with: EngineError.timeout(operation, limit.duration), context: context)
  }
}
