import HTTPTypes
import NIOCore
import Wire

/// A message on the stream of the request that it belongs to.
enum Reply: Sendable {
  /// Progress, logs and such, before the response.
  case related(Message)
  case response(Message)
}

/// What a request gets, decided before anything is written.
enum HTTPAnswer: Sendable {
  case empty(HTTPResponse.Status, HTTPFields = [:])
  case json(Message, HTTPFields = [:])
  /// Several responses in one array.
  case batch([Message])
  /// Public and the same for everybody, so it may be kept for a while.
  case document(JSONText)
  case refusal(HTTPRefusal)
  /// The response of a session's request: JSON if it comes soon and alone, else an event stream,
  /// which the client may leave and come back to.
  case reply(EventStream, of: HTTPSession)
  /// The response of a request of the stateless era, where the status says what became of it;
  /// `whenOver` is called when the answer is written or the client is gone.
  case stateless(Mailbox<Reply>, whenOver: @Sendable () -> Void)
  /// A stream for one reader, who goes on where the stream is; `whenOver` is called when the client
  /// or the stream is gone.
  case stream(
    EventStream, EventStream.Reader, first: ByteBuffer?,
    whenOver: @Sendable () async -> Void = {})
}

/// Puts an answer on a connection.
struct AnswerWriter {
  let exchange: HTTPExchange
  let timing: ReplyTiming

  private var loop: any EventLoop { exchange.channel.eventLoop }

  func write(_ answer: HTTPAnswer) async {
    switch answer {
    case .empty(let status, let headers):
      exchange.answer(HTTPResponse(status: status, headerFields: headers))
    case .json(let message, let headers): writeJSON(.ok, message.buffer, headers)
    case .batch(let responses):
      writeJSON(.ok, ByteBuffer(bytes: MessageBatch.encoded(responses)))
    case .document(let text):
      writeJSON(.ok, ByteBuffer(bytes: text.bytes), caching: "max-age=300")
    case .refusal(let refusal):
      writeJSON(refusal.status, refusal.message.buffer, refusal.headers)
    case .reply(let stream, let session): await writeReply(stream, session)
    case .stateless(let box, let whenOver):
      await writeReply(box, status: StatelessStatus.of)
      whenOver()
    case .stream(let stream, let reader, let first, let whenOver):
      await writeStream(stream, reader, first)
      await whenOver()
    }
  }

  private func writeJSON(
    _ status: HTTPResponse.Status, _ body: ByteBuffer, _ headers: HTTPFields = [:],
    caching: String = "no-store"
  ) {
    var fields = headers
    fields[.contentType] = "application/json"
    fields[.cacheControl] = caching
    exchange.answer(HTTPResponse(status: status, headerFields: fields), body)
  }

  private func writeReply(
    _ box: Mailbox<Reply>, status: (Message) -> HTTPResponse.Status
  ) async {
    exchange.whenGone { box.nudge() }
    let patience = loop.scheduleTask(in: timing.patience) { box.nudge() }
    // Whatever still comes has nobody to go to.
    defer { box.abandon() }
    let event = await box.next()
    patience.cancel()
    if case .element(.response(let response)) = event {
      return writeJSON(status(response), response.buffer)
    }
    guard exchange.channel.isActive else { return }
    exchange.begin(HTTPResponse(status: .ok, headerFields: ServerSentEvents.headers))
    let ping = keepingAlive { box.nudge() }
    defer { ping.cancel() }
    // The client is gone: nobody waits for the rest.
    do { try await stream(box, from: event) } catch { return }
    exchange.finish()
  }

  private func stream(
    _ box: Mailbox<Reply>, from event: Mailbox<Reply>.Event
  ) async throws(HTTPExchange.Gone) {
    var event = event
    var quietSince = NIODeadline.now()
    while true {
      switch event {
      case .element(.related(let message)):
        try await exchange.write(ServerSentEvents.message(message))
        quietSince = .now()
      case .element(.response(let message)):
        return try await exchange.write(ServerSentEvents.message(message))
      case .nudge: try await keepAlive(&quietSince)
      // Withdrawn by the client: a request without response.
      case .finished: return
      }
      event = await box.next()
    }
  }

  private func writeReply(_ stream: EventStream, _ session: HTTPSession) async {
    let patience = loop.scheduleTask(in: timing.patience) { stream.nudge() }
    let answer = await stream.soleAnswer()
    patience.cancel()
    if let answer { return writeJSON(.ok, answer.buffer) }
    guard exchange.channel.isActive else { return stream.abandon() }
    let first = session.isPrimed ? stream.beginning : nil
    let reader = stream.begin()
    session.keep(stream)
    await writeStream(stream, reader, first)
  }

  private func writeStream(
    _ stream: EventStream, _ reader: EventStream.Reader, _ first: ByteBuffer?
  ) async {
    exchange.whenGone { stream.nudge() }
    let ping = keepingAlive { stream.nudge() }
    defer {
      ping.cancel()
      stream.leave(reader)
    }
    exchange.begin(HTTPResponse(status: .ok, headerFields: ServerSentEvents.headers))
    // The client is gone; it may come back to the stream.
    do { try await write(stream, reader, first) } catch { return }
    exchange.finish()
  }

  private func write(
    _ stream: EventStream, _ reader: EventStream.Reader, _ first: ByteBuffer?
  ) async throws(HTTPExchange.Gone) {
    if let first { try await exchange.write(first) }
    var quietSince = NIODeadline.now()
    while exchange.channel.isActive {
      switch await stream.next(reader) {
      case .event(let buffer):
        try await exchange.write(buffer)
        quietSince = .now()
      case .nudge: try await keepAlive(&quietSince)
      case .finished, .replaced: return
      }
    }
  }

  /// Wakes whoever writes to a stream, so that it does not stay quiet for too long.
  private func keepingAlive(_ wake: @escaping @Sendable () -> Void) -> RepeatedTask {
    loop.scheduleRepeatedTask(initialDelay: timing.keepAlive, delay: timing.keepAlive) { _ in
      wake()
    }
  }

  private func keepAlive(_ quietSince: inout NIODeadline) async throws(HTTPExchange.Gone) {
    guard exchange.channel.isActive else { throw HTTPExchange.Gone() }
    let now = NIODeadline.now()
    // Half of the time: then never more than one and a half of it is quiet.
    guard (now - quietSince).nanoseconds >= timing.keepAlive.nanoseconds / 2 else { return }
    try await exchange.write(ServerSentEvents.keepAlive)
    quietSince = now
  }
}
