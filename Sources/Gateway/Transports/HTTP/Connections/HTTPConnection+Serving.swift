import HTTPSyntax
import HTTPTypes
import NIOCore

/// What the task of a request asks of its connection, through ``HTTPExchange``.
extension HTTPConnection {
  func collectBody(
    upTo most: Int, _ give: @escaping (Result<[UInt8], HTTPExchange.BodyFailure>) -> Void
  ) {
    guard let request, !isEnding else { return give(.failure(.gone)) }
    if case .length(let length) = request.head.framing, length > most {
      return give(.failure(.tooLarge))
    }
    switch request.body {
    case .kept:
      var bytes: [UInt8] = []
      if case .length(let length) = request.head.framing { bytes.reserveCapacity(length) }
      self.request?.body = .wanted(atMost: most, bytes, give: give)
      pump()
      tellToGoOn()
    // A request without a body is whole before anybody asks.
    case .over: give(.success([]))
    case .wanted, .dropped: give(.failure(.gone))
    }
  }

  /// Not where the body comes already (RFC 9110 section 10.1.1).
  private func tellToGoOn() {
    guard case .wanted(_, let bytes, _)? = request?.body, bytes.isEmpty,
      request?.isWaiting == true
    else { return }
    request?.isWaiting = false
    send(ResponseText.goOn)
  }

  func whenGone(_ tell: @escaping @Sendable () -> Void) {
    guard context != nil, request != nil else { return tell() }
    request?.whenGone = tell
  }

  func answer(_ response: HTTPResponse, _ body: ByteBuffer?) {
    guard let request, request.answer == .none, let context, !isEnding else { return }
    settle(response)
    let count = body?.readableBytes ?? 0
    var text = ResponseText.head(response, .length(count), closes: closesAfterAnswer)
    if let body, request.head.method != "HEAD" {
      // Small ones go in one piece with the head.
      if count <= 8 << 10 {
        text.writeImmutableBuffer(body)
      } else {
        write(text)
        text = body
      }
    }
    write(text)
    context.flush()
    over()
  }

  func begin(_ response: HTTPResponse) {
    guard let request, request.answer == .none, !isEnding else { return }
    settle(response)
    let isOld = request.head.isOld
    self.request?.answer = isOld ? .untilClosed : .chunked
    send(ResponseText.head(response, isOld ? .untilClosed : .chunked, closes: closesAfterAnswer))
  }

  /// `done` is told whether there is somebody to write for, when there is room for more.
  func write(_ piece: ByteBuffer, _ done: @escaping (Bool) -> Void) {
    guard let context, let answer = request?.answer, !isEnding, writer == nil,
      piece.readableBytes > 0
    else { return done(false) }
    switch answer {
    case .none, .over: return done(false)
    case .untilClosed: write(piece)
    case .chunked:
      write(ResponseText.chunkHead(piece.readableBytes))
      write(piece)
      write(ResponseText.chunkEnd)
    }
    context.flush()
    if context.channel.isWritable { return done(true) }
    writer = done
    watchStall(context)
  }

  func finish() {
    guard let answer = request?.answer, !isEnding, answer != .none, answer != .over else { return }
    if answer == .chunked { send(ResponseText.lastChunk) }
    over()
  }

  private func over() {
    request?.answer = .over
    request?.whenGone = nil
    if let context, !context.channel.isWritable { watchStall(context) }
    endIfOver()
  }

  func send(_ text: ByteBuffer) {
    write(text)
    context?.flush()
  }

  /// A large text in steps, so that a client that reads slowly is told from one that does not read.
  private func write(_ text: ByteBuffer) {
    guard let context else { return }
    var rest = text
    while rest.readableBytes > Self.step, let piece = rest.readSlice(length: Self.step) {
      let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
      let written = context.eventLoop.makePromise(of: Void.self)
      // What fails is learnt from the channel.
      written.futureResult.whenSuccess { bound.value.clientReads() }
      context.write(wrapOutboundOut(piece), promise: written)
    }
    context.write(wrapOutboundOut(rest), promise: nil)
  }

  private static var step: Int { 256 << 10 }

  private func clientReads() {
    guard let context else { return }
    if isEnding { limit(to: limits.stallTime) }
    guard stall != nil else { return }
    stall?.cancel()
    stall = nil
    watchStall(context)
  }

  /// Whether another request may follow. Not where this one has a body that nobody reads: it may be
  /// endless, or never come.
  private func settle(_ response: HTTPResponse) {
    let isUnread =
      switch request?.body {
      case .over?, nil: false
      case .kept?, .wanted?, .dropped?: !isRestSmall
      }
    closesAfterAnswer =
      isUnread || isQuiescing || request?.head.isPersistent != true
      || response.headerFields[.connection] == "close"
  }

  /// Whether the rest of a body is read for the sake of the next request.
  private var isRestSmall: Bool {
    guard let request, !request.isWaiting else { return false }
    return switch request.head.framing {
    case .none: true
    case .length(let length): length <= limits.ahead
    case .chunked: false
    }
  }

  // MARK: Clients that do not read

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable {
      stall?.cancel()
      stall = nil
      resumeWriter(true)
    }
    context.fireChannelWritabilityChanged()
  }

  private func watchStall(_ context: ChannelHandlerContext) {
    guard stall == nil else { return }
    let channel = context.channel
    stall = context.eventLoop.scheduleTask(in: limits.stallTime) { channel.close(promise: nil) }
  }

  func resumeWriter(_ isThere: Bool) {
    let waiting = writer
    writer = nil
    waiting?(isThere)
  }
}
