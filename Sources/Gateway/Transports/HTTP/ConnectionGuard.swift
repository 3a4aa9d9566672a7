import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1

/// How long a connection may take over the parts of a request.
struct ConnectionLimits: Sendable, Hashable {
  var headTime = TimeAmount.seconds(10)
  var bodyTime = TimeAmount.seconds(60)
  /// Between two requests.
  var idleTime = TimeAmount.seconds(120)
  /// For the rest of a body that is refused: closing at once would reset the connection and
  /// destroy the answer on its way.
  var lingerTime = TimeAmount.seconds(2)
  /// For a client that reads nothing while something is sent to it.
  var stallTime = TimeAmount.seconds(60)
  var headBytes = 64 << 10
  var headerBytes = 16 << 10
  var connections = 1024
}

/// Tells ``ConnectionGuard`` that bytes have arrived, which the decoder hides until a head is whole.
struct BytesArrived: Sendable {}

/// In front of the decoder: announces bytes, whatever they are.
final class ByteWatch: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    context.fireUserInboundEventTriggered(BytesArrived())
    context.fireChannelRead(data)
  }
}

/// Keeps a connection from being held for nothing: deadlines for head, body and pauses, and an
/// answer with the right status to what the decoder refuses.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  private enum Reading { case pause, head, body }

  private let limits: ConnectionLimits
  private var reading = Reading.head
  /// Requests whose answer is not complete.
  private var unanswered = 0
  private var hasBegunAnswer = false
  /// The body that is being read was answered already; it leads nowhere.
  private var isDiscarding = false
  private var closesAfterAnswer = false
  private var deadline: Scheduled<Void>?
  private var stall: Scheduled<Void>?

  init(_ limits: ConnectionLimits) { self.limits = limits }

  func handlerAdded(context: ChannelHandlerContext) {
    schedule(limits.headTime, context)
  }

  func handlerRemoved(context: ChannelHandlerContext) { cancelTimers() }

  func channelInactive(context: ChannelHandlerContext) {
    cancelTimers()
    context.fireChannelInactive()
  }

  private func cancelTimers() {
    deadline?.cancel()
    stall?.cancel()
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    stall?.cancel()
    if !context.channel.isWritable {
      let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
      stall = context.eventLoop.scheduleTask(in: limits.stallTime) {
        bound.value.close(promise: nil)
      }
    }
    context.fireChannelWritabilityChanged()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard event is BytesArrived else { return context.fireUserInboundEventTriggered(event) }
    if reading == .pause {
      reading = .head
      schedule(limits.headTime, context)
    }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head:
      unanswered += 1
      reading = .body
      schedule(limits.bodyTime, context)
    case .body:
      if isDiscarding { return }
    case .end:
      isDiscarding = false
      pause(context)
    }
    context.fireChannelRead(data)
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    switch unwrapOutboundIn(data) {
    case .head(let head):
      if head.status.kind != .informational {
        hasBegunAnswer = true
        closesAfterAnswer = head.headerFields[.connection] == "close"
      }
      context.write(data, promise: promise)
    case .body: context.write(data, promise: promise)
    case .end:
      hasBegunAnswer = false
      unanswered -= 1
      context.writeAndFlush(data, promise: promise)
      answered(context)
    }
  }

  private func answered(_ context: ChannelHandlerContext) {
    if reading == .body, unanswered == 0 {
      isDiscarding = true
      schedule(limits.lingerTime, context)
    } else if closesAfterAnswer {
      context.close(promise: nil)
    } else {
      pause(context)
    }
  }

  /// The request is read: until the next one only a pause between requests is limited.
  private func pause(_ context: ChannelHandlerContext) {
    reading = .pause
    deadline?.cancel()
    if unanswered > 0 { return }
    if closesAfterAnswer {
      context.close(promise: nil)
    } else {
      schedule(limits.idleTime, context)
    }
  }

  private func schedule(_ time: TimeAmount, _ context: ChannelHandlerContext) {
    deadline?.cancel()
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    deadline = context.eventLoop.scheduleTask(in: time) {
      let (handler, context) = bound.value
      handler.timedOut(context)
    }
  }

  private func timedOut(_ context: ChannelHandlerContext) {
    let isLate = reading == .head || reading == .body && !isDiscarding
    refuse(isLate ? .requestTimeout : nil, context)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    switch error {
    case HTTPParserError.headerOverflow: refuse(.requestHeaderFieldsTooLarge, context)
    case is HTTPParserError, is HTTP1TypeConversionError: refuse(.badRequest, context)
    default: context.fireErrorCaught(error)
    }
  }

  /// Answers if an answer would still be understood, and closes.
  private func refuse(_ status: HTTPResponse.Status?, _ context: ChannelHandlerContext) {
    deadline?.cancel()
    if let status, !hasBegunAnswer, unanswered == (reading == .body ? 1 : 0) {
      let head = HTTPResponse(
        status: status, headerFields: [.connection: "close", .contentLength: "0"])
      context.write(wrapOutboundOut(.head(head)), promise: nil)
      context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
    context.close(promise: nil)
  }
}
