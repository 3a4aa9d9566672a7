import HTTPTypes
import HummingbirdCore
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
  let channel: any Channel
  let timing: ReplyTiming

  @concurrent func write(_ answer: HTTPAnswer, _ writer: consuming ResponseWriter) async throws {
    switch answer {
    case .empty(let status, let headers):
      // RFC 9110 section 8.6: no Content-Length with 204.
      let length: HTTPFields = status == .noContent ? [:] : [.contentLength: "0"]
      try await writer.writeResponse(
        HTTPResponse(status: status, headerFields: headers.merging(length)))
    case .json(let message, let headers):
      try await writeJSON(.ok, message.encoded, headers, writer)
    case .batch(let responses):
      try await writeJSON(.ok, MessageBatch.encoded(responses), [:], writer)
    case .document(let text):
      try await writeJSON(.ok, Array(text.bytes), [:], caching: "max-age=300", writer)
    case .refusal(let refusal):
      try await writeJSON(refusal.status, refusal.body, refusal.headers, writer)
    case .reply(let stream, let session): try await writeReply(stream, session, writer)
    case .stateless(let box, let whenOver):
      defer { whenOver() }
      try await writeReply(box, writer, status: StatelessStatus.of)
    case .stream(let stream, let reader, let first, let whenOver):
      do { try await writeStream(stream, reader, first, writer) } catch {
        await whenOver()
        throw error
      }
      await whenOver()
    }
  }

  @concurrent private func writeJSON(
    _ status: HTTPResponse.Status, _ body: [UInt8], _ headers: HTTPFields,
    caching: String = "no-store", _ writer: consuming ResponseWriter
  ) async throws {
    let fields = headers.merging([
      .contentType: "application/json", .contentLength: "\(body.count)",
      .cacheControl: caching,
    ])
    try await writer.write(
      response: HTTPResponse(status: status, headerFields: fields),
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
  }

  @concurrent private func writeReply(
    _ box: Mailbox<Reply>, _ writer: consuming ResponseWriter,
    status: (Message) -> HTTPResponse.Status
  ) async throws {
    let look = channel.eventLoop.scheduleRepeatedTask(
      initialDelay: timing.patience, delay: timing.look
    ) { _ in box.nudge() }
    defer {
      look.cancel()
      // Whatever still comes has nobody to go to.
      box.abandon()
    }
    let event = await box.next()
    if case .element(.response(let response)) = event {
      return try await writeJSON(status(response), response.encoded, [:], writer)
    }
    guard channel.isActive else { return }
    var body: any ResponseBodyWriter = try await writer.writeHead(
      HTTPResponse(status: .ok, headerFields: ServerSentEvents.headers))
    try await stream(box, from: event, into: &body)
    try await body.finish(nil)
  }

  @concurrent private func stream(
    _ box: Mailbox<Reply>, from event: Mailbox<Reply>.Event,
    into body: inout any ResponseBodyWriter
  ) async throws {
    var event = event
    var quietSince = ContinuousClock.now
    while true {
      switch event {
      case .element(.related(let message)):
        try await body.write(ServerSentEvents.message(message))
        quietSince = .now
      case .element(.response(let message)):
        return try await body.write(ServerSentEvents.message(message))
      case .nudge:
        guard channel.isActive else { return }
        try await keepAlive(&quietSince, &body)
      // Withdrawn by the client: a request without response.
      case .finished: return
      }
      event = await box.next()
    }
  }

  @concurrent private func writeReply(
    _ stream: EventStream, _ session: HTTPSession, _ writer: consuming ResponseWriter
  ) async throws {
    let patience = channel.eventLoop.scheduleTask(in: timing.patience) { stream.nudge() }
    let answer = await stream.soleAnswer()
    patience.cancel()
    if let answer { return try await writeJSON(.ok, answer.encoded, [:], writer) }
    guard channel.isActive else { return stream.abandon() }
    let first = session.isPrimed ? stream.beginning : nil
    let reader = stream.begin()
    session.keep(stream)
    try await writeStream(stream, reader, first, writer)
  }

  @concurrent private func writeStream(
    _ stream: EventStream, _ reader: EventStream.Reader, _ first: ByteBuffer?,
    _ writer: consuming ResponseWriter
  ) async throws {
    let look = channel.eventLoop.scheduleRepeatedTask(
      initialDelay: timing.look, delay: timing.look
    ) { _ in stream.nudge() }
    defer {
      look.cancel()
      stream.leave(reader)
    }
    var body: any ResponseBodyWriter = try await writer.writeHead(
      HTTPResponse(status: .ok, headerFields: ServerSentEvents.headers))
    if let first { try await body.write(first) }
    var quietSince = ContinuousClock.now
    events: while channel.isActive {
      switch await stream.next(reader) {
      case .event(let buffer):
        try await body.write(buffer)
        quietSince = .now
      case .nudge: try await keepAlive(&quietSince, &body)
      case .finished, .replaced: break events
      }
    }
    try await body.finish(nil)
  }

  @concurrent private func keepAlive(
    _ quietSince: inout ContinuousClock.Instant, _ body: inout any ResponseBodyWriter
  ) async throws {
    let now = ContinuousClock.now
    guard now - quietSince >= timing.keepAlive else { return }
    try await body.write(ServerSentEvents.keepAlive)
    quietSince = now
  }
}

extension HTTPFields {
  func merging(_ other: HTTPFields) -> HTTPFields {
    var merged = self
    merged.append(contentsOf: other)
    return merged
  }
}
