import Authorization
import HTTPTypes
import HummingbirdCore
import NIOCore
import Wire

/// How long an answer may keep a client waiting for a sign of life.
struct ReplyTiming: Sendable, Hashable {
  /// After this time an answer becomes an event stream.
  var patience = TimeAmount.milliseconds(250)
  /// How often a waiting answer looks whether its client is still there.
  var look = TimeAmount.seconds(1)
  /// Between two comments on a quiet stream.
  var keepAlive = Duration.seconds(15)
}

/// Serves requests: asks the rules about the head, the session about the message.
struct HTTPService: Sendable {
  let rules: HTTPRequestRules
  let authenticator: Authenticator
  let opener: any SessionOpener
  let table: SessionTable
  let timing: ReplyTiming

  @Sendable func respond(
    _ request: Request, _ writer: consuming ResponseWriter, _ channel: any Channel
  ) async throws {
    let answer = await answer(request, writer, channel)
    try await AnswerWriter(channel: channel, timing: timing).write(answer, writer)
  }

  private func answer(
    _ request: Request, _ writer: borrowing ResponseWriter, _ channel: any Channel
  ) async -> HTTPAnswer {
    do throws(HTTPRefusal) {
      if let open = rules.decideOpenly(request.head) { return try answer(open) }
      let principal = try await authenticate(request.head)
      switch rules.decide(request.head) {
      case .redirect(let path): return .empty(.temporaryRedirect, [.location: path])
      case .refuse(let refusal): throw refusal
      case .post(let session):
        return try await post(request, principal, session, writer, channel)
      case .listen(let id?): return try listen(try find(id, principal), channel)
      case .listen(nil): return try openStream(principal, channel)
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
  private func authenticate(_ head: HTTPRequest) async throws(HTTPRefusal) -> Principal {
    do throws(AuthorizationFailure) {
      return try await authenticator.principal(
        authorization: head.headerFields[values: .authorization], target: head.path ?? "/")
    } catch { throw .unauthorized(error, rules.metadata) }
  }

  private func find(
    _ id: String, _ principal: Principal
  ) throws(HTTPRefusal) -> HTTPSession {
    guard let session = table.find(id, identity: principal.identity) else { throw .unknownSession }
    return session
  }

  private func post(
    _ request: Request, _ principal: Principal, _ id: String?,
    _ writer: borrowing ResponseWriter, _ channel: any Channel
  ) async throws(HTTPRefusal) -> HTTPAnswer {
    // An unknown session needs no look at the body.
    let session = try id.map { id throws(HTTPRefusal) in try find(id, principal) }
    let message = try await message(request, writer)
    guard let session else { return try await initialize(message, principal, channel) }
    return switch rules.endpoint {
    case .streaming: reply(session, message, principal, channel)
    case .sse: await accept(session, message, principal, channel)
    }
  }

  private func message(
    _ request: Request, _ writer: borrowing ResponseWriter
  ) async throws(HTTPRefusal) -> Message {
    let bytes: [UInt8]
    do {
      if request.headers[.expect]?.lowercased() == "100-continue" {
        try await writer.writeInformationalHead(HTTPResponse(status: .continue))
      }
      bytes = Array(buffer: try await request.body.collect(upTo: rules.bodyLimit))
    } catch is NIOTooManyBytesError { throw .tooLarge(rules.bodyLimit) } catch {
      // The connection broke; nobody reads this.
      throw .badRequest("the body did not arrive")
    }
    do throws(MessageProblem) {
      return try Message(bytes, limits: JSONLimits(maximumBytes: rules.bodyLimit))
    } catch { throw .message(error) }
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
    guard let response, case .result = response else {
      await table.end(session)
      return response.map { .json($0) } ?? .refusal(.badRequest("initialize was withdrawn"))
    }
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
      let box = Mailbox<Reply>(capacity: 16)
      do throws(RPCError) {
        try session.start(exchange) {
          await box.send(.related($0))
        } whenDone: {
          box.finish(with: $0.map { .response($0) })
        }
        return .reply(box)
      } catch { return .json(message.failing(error)) }
    }
  }

  private func listen(
    _ session: HTTPSession, _ channel: any Channel
  ) throws(HTTPRefusal) -> HTTPAnswer {
    guard session.listen() else { throw .streamTaken }
    session.attach(channel)
    return .stream(session.unsolicited, first: nil) { session.stopListening() }
  }
}

/// HTTP+SSE: one stream carries everything to the client, and ends with its session.
extension HTTPService {
  private func openStream(
    _ principal: Principal, _ channel: any Channel
  ) throws(HTTPRefusal) -> HTTPAnswer {
    let session = try table.open(identity: principal.identity)
    session.attach(channel)
    _ = session.listen()
    let address = "\(rules.endpoint.path)?sessionid=\(session.id)"
    let first = ServerSentEvents.event("endpoint", address.utf8)
    return .stream(session.unsolicited, first: first) { [table] in
      session.stopListening()
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
    case .answer(let response): await box.send(response)
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
