import Authorization
import HTTPSyntax
import HTTPTypes
import NIOCore
import Wire

/// How long an answer may keep a client waiting for a sign of life.
struct ReplyTiming: Sendable, Hashable {
  /// After this time an answer becomes an event stream.
  var patience = TimeAmount.milliseconds(250)
  /// Between two comments on a quiet stream.
  var keepAlive = TimeAmount.seconds(15)
}

/// Serves requests: asks the rules about the head, the session about the message.
struct HTTPService: Sendable {
  let rules: HTTPRequestRules
  let authenticator: Authenticator
  let opener: any SessionOpener
  let table: SessionTable
  let timing: ReplyTiming

  @Sendable func serve(_ exchange: HTTPExchange) async {
    let answer = await answer(exchange)
    await AnswerWriter(exchange: exchange, timing: timing).write(answer)
  }

  private func answer(_ exchange: HTTPExchange) async -> HTTPAnswer {
    let head = exchange.head
    do throws(HTTPRefusal) {
      if let open = rules.decideOpenly(head) { return try answer(open) }
      let principal = try await authenticate(head)
      exchange.isKnown()
      switch rules.decide(head) {
      case .redirect(let path): return .empty(.temporaryRedirect, [.location: path])
      case .refuse(let refusal): throw refusal
      case .post(let session):
        return try await post(exchange, principal, session)
      case .stateless:
        return try stateless(head, principal, try message(try await bytes(exchange)))
      case .listen(let id?, let event):
        return try listen(try find(id, principal), after: event, exchange.channel)
      case .listen(nil, _): return try openStream(principal, exchange.channel)
      case .delete(let id):
        await table.end(try find(id, principal))
        return .empty(.noContent)
      }
    } catch { return .refusal(error) }
  }

  private func answer(_ decision: HTTPRequestRules.OpenDecision) throws(HTTPRefusal) -> HTTPAnswer {
    switch decision {
    case .health: return .empty(opener.isReady ? .ok : .serviceUnavailable)
    case .metadata(let metadata): return .document(metadata.document)
    case .refuse(let refusal): throw refusal
    }
  }

  /// Before anything that could tell a stranger something: sessions, methods, bodies.
  private func authenticate(_ head: RequestHead) async throws(HTTPRefusal) -> Principal {
    do throws(AuthorizationFailure) {
      return try await authenticator.principal(
        authorization: head[all: "authorization"], target: head.target)
    } catch { throw .unauthorized(error, rules.metadata) }
  }

  private func find(
    _ id: String, _ principal: Principal
  ) throws(HTTPRefusal) -> HTTPSession {
    guard let session = table.find(id, identity: principal.identity) else { throw .unknownSession }
    return session
  }

  private func post(
    _ exchange: HTTPExchange, _ principal: Principal, _ id: String?
  ) async throws(HTTPRefusal) -> HTTPAnswer {
    // An unknown session needs no look at the body.
    let session = try id.map { id throws(HTTPRefusal) in try find(id, principal) }
    let channel = exchange.channel
    let bytes = try await bytes(exchange)
    if let session, session.acceptsBatches, MessageBatch.looksLike(bytes) {
      return await reply(session, try batch(bytes), principal, channel)
    }
    let message: Message
    do throws(HTTPRefusal) { message = try self.message(bytes) } catch {
      guard rules.endpoint == .sse, let session, error.status == .ok else { throw error }
      // There, clients read answers on the stream alone.
      await session.unsolicited.send(.failure(id: error.id, error.error))
      return .empty(.accepted)
    }
    // HTTP+SSE has no header that could differ, and its clients take an error status for the end of
    // their session: the session answers as it does any request before initialize.
    if rules.endpoint == .streaming, let refusal = refusalOfEra(message) { throw refusal }
    guard let session else { return try await initialize(message, principal, channel) }
    return switch rules.endpoint {
    case .streaming: reply(session, message, principal, channel)
    case .sse: await accept(session, message, principal, channel)
    }
  }

  private func bytes(_ exchange: HTTPExchange) async throws(HTTPRefusal) -> [UInt8] {
    do throws(HTTPExchange.BodyFailure) {
      return try await exchange.body(upTo: rules.bodyLimit)
    } catch {
      switch error {
      case .tooLarge: throw .tooLarge(rules.bodyLimit)
      // The connection broke; nobody reads this.
      case .gone: throw .badRequest("the body did not arrive")
      }
    }
  }

  private var limits: JSONLimits { JSONLimits(maximumBytes: rules.bodyLimit) }

  private func message(_ bytes: [UInt8]) throws(HTTPRefusal) -> Message {
    do throws(MessageProblem) { return try Message(bytes, limits: limits) } catch {
      throw .message(error)
    }
  }

  private func batch(_ bytes: [UInt8]) throws(HTTPRefusal) -> MessageBatch {
    do throws(MessageProblem) { return try MessageBatch(bytes, limits: limits) } catch {
      throw .message(error)
    }
  }
}

/// Streamable HTTP.
extension HTTPService {
  private func initialize(
    _ message: Message, _ principal: Principal, _ channel: any Channel
  ) async throws(HTTPRefusal) -> HTTPAnswer {
    guard case .request(_, "initialize", _) = message else {
      throw .sessionRequired.answering(message)
    }
    let session: HTTPSession
    do throws(HTTPRefusal) { session = try table.open(identity: principal.identity) } catch {
      throw error.answering(message)
    }
    let response: Message? =
      switch session.begin(message, scopes: principal.scopes, on: channel) {
      case .nothing: nil
      case .answer(let response): response
      // Nothing may be sent between initialize and its response.
      case .work(let exchange): await exchange.run { _ in }
      }
    guard let response, case .result(_, let result) = response else {
      await table.end(session)
      return response.map { .json($0) } ?? .refusal(.badRequest("initialize was withdrawn"))
    }
    session.initialized(result)
    return .json(response, [.mcpSessionID: session.id])
  }

  private func reply(
    _ session: HTTPSession, _ message: Message, _ principal: Principal,
    _ channel: any Channel
  ) -> HTTPAnswer {
    switch session.begin(message, scopes: principal.scopes, on: channel) {
    case .nothing: return .empty(.accepted)
    case .answer(let response): return .json(response)
    case .work(let exchange):
      let stream = session.makeStream()
      do throws(RPCError) {
        try session.start(exchange) {
          await stream.send($0)
        } whenDone: {
          stream.finish(with: $0)
        }
        return .reply(stream, of: session)
      } catch { return .json(message.failing(error)) }
    }
  }

  /// The answer to a batch of 2025-03-26: an array where no request needs work; else a stream with
  /// one event for each response, on HTTP+SSE the session's.
  private func reply(
    _ session: HTTPSession, _ batch: MessageBatch, _ principal: Principal,
    _ channel: any Channel
  ) async -> HTTPAnswer {
    let exchange = session.begin(batch, scopes: principal.scopes, on: channel)
    guard !exchange.isSilent else { return .empty(.accepted) }
    let isStreaming = rules.endpoint == .streaming
    if exchange.workCount == 0, isStreaming {
      let responses = await exchange.run { _ in }
      return .batch(responses)
    }
    let stream = isStreaming ? session.makeStream() : session.unsolicited
    do throws(RPCError) {
      // Even one that is answered at once waits for the client to read.
      try session.start(max(1, exchange.workCount)) {
        for response in await exchange.run(emit: { await stream.send($0) }) {
          await stream.send(response)
        }
        if isStreaming { stream.finish(with: nil) }
      }
    } catch {
      guard isStreaming else {
        await stream.send(.failure(id: nil, error))
        return .empty(.accepted)
      }
      return .json(.failure(id: nil, error))
    }
    return isStreaming ? .reply(stream, of: session) : .empty(.accepted)
  }

  private func listen(
    _ session: HTTPSession, after event: String?, _ channel: any Channel
  ) throws(HTTPRefusal) -> HTTPAnswer {
    if let event { return try resume(session, after: event, channel) }
    let stream = session.unsolicited
    guard let reader = stream.attach() else { throw .streamTaken }
    session.attach(channel)
    let first = session.isPrimed ? stream.beginning : nil
    return .stream(stream, reader, first: first) { session.touch() }
  }

  /// The client names the last event it got; it goes on with the next one of the same stream.
  private func resume(
    _ session: HTTPSession, after event: String, _ channel: any Channel
  ) throws(HTTPRefusal) -> HTTPAnswer {
    switch session.resume(after: event) {
    case .unknown: throw .unknownEvent
    case .gone: throw .eventsGone
    case .stream(let stream, let reader):
      session.attach(channel)
      return .stream(stream, reader, first: nil) { session.touch() }
    }
  }
}

/// HTTP+SSE: one stream carries everything to the client, and ends with its session.
extension HTTPService {
  private func openStream(
    _ principal: Principal, _ channel: any Channel
  ) throws(HTTPRefusal) -> HTTPAnswer {
    let session = try table.open(identity: principal.identity)
    session.attach(channel)
    // The session is new: nobody else can have the place.
    guard let reader = session.unsolicited.attach() else { throw .streamTaken }
    let address = "\(rules.endpoint.path)?sessionid=\(session.id)"
    let first = ServerSentEvents.event("endpoint", address)
    return .stream(session.unsolicited, reader, first: first) { [table] in
      await table.end(session)
    }
  }

  private func accept(
    _ session: HTTPSession, _ message: Message, _ principal: Principal,
    _ channel: any Channel
  ) async -> HTTPAnswer {
    let box = session.unsolicited
    switch session.begin(message, scopes: principal.scopes, on: channel) {
    case .nothing: break
    case .answer(let response):
      // A client that does not read its stream must not keep its connections busy for free.
      do throws(RPCError) { try session.start(1) { await box.send(response) } } catch {
        return .empty(.tooManyRequests)
      }
    case .work(let exchange):
      do throws(RPCError) {
        try session.start(exchange) {
          await box.send($0)
        } whenDone: {
          if let response = $0 { await box.send(response) }
        }
      } catch { await box.send(message.failing(error)) }
    }
    return .empty(.accepted)
  }
}
