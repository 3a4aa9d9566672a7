import Wire

/// What a server sends, told apart: answers, requests, notifications, and what is none of them.
extension MCPConnection {
  func take(_ incoming: IncomingMessage) throws(Fault) {
    let frame = incoming.bytes
    let message: Message
    do { message = try Message(frame, limits: .fromServer) } catch {
      try skipOrRefuse(frame, error)
      return
    }
    if case .failure(nil, let error) = message { return try takeUnclaimed(error, frame) }
    state.withLock { $0.strays.endRow() }
    switch message {
    case .result(let id, let result): take(result, of: id)
    case .failure(let id, let error): id.flatMap(mailbox(of:))?.put(.failure(error))
    case .notification(let method, let params):
      take(method, params ?? .emptyObject, of: incoming.request)
    case .request(let id, let method, let params):
      try take(id, method, params, of: incoming.request)
    }
  }

  /// A server that could not read a request answers without its id (JSON-RPC 2.0, section 5). Where
  /// only one is open it is that one; otherwise nobody can know, and the deadlines decide.
  private func takeUnclaimed(_ error: RPCError, _ frame: [UInt8]) throws(Fault) {
    let only = state.withLock { $0.requests.only }
    if let only { return only.put(.failure(error)) }
    let (isBearable, isFirst) = state.withLock { state in
      defer { state.hasUnclaimed = true }
      return (state.strays.add(frame), !state.hasUnclaimed)
    }
    guard isBearable else { throw violation("sends errors that belong to no request") }
    // Once: a server that repeats itself must not fill the log. The others are counted.
    if isFirst {
      onNotice("an error that names no request: \(error.code) \(PrintableText(error.message))")
    }
  }

  private func take(_ result: JSONText, of id: RequestID) {
    guard result.kind == .object else {
      mailbox(of: id)?.put(.failure(violation("answered with a result that is no object")))
      return
    }
    mailbox(of: id)?.put(.result(result))
  }

  /// A refused answer fails its call and nothing else: whatever another reader would see in it, the
  /// server is the one that says how its calls end. Any other message that we refuse could be read
  /// differently by somebody else, so nothing more is believed. A line that was never meant as a
  /// message is a stray print of the server.
  private func skipOrRefuse(_ frame: [UInt8], _ problem: MessageProblem) throws(Fault) {
    let fault = violation("sent a message that cannot be accepted: \(problem.error.message)")
    if problem.subject == .response, let id = problem.id {
      mailbox(of: id)?.put(.failure(fault))
      return
    }
    guard !StrayLines.isMeantAsMessage(frame, problem) else { throw fault }
    guard state.withLock({ $0.strays.add(frame) }) else {
      throw violation("writes to stdout what is no MCP message")
    }
  }

  private func mailbox(of id: RequestID) -> CallMailbox? {
    state.withLock { $0.requests.mailbox(of: id) }
  }

  private func take(_ method: String, _ params: JSONText, of request: RequestID?) {
    switch method {
    case "notifications/progress": takeProgress(params)
    case "notifications/message": take(.log(params), of: request)
    case "notifications/elicitation/complete": take(.elicitationComplete(params), of: request)
    case "notifications/tasks/status":
      if params.count <= Self.largestEvent { onSignal(.taskStatus(params)) }
    case "notifications/resources/updated":
      if params.count <= Self.largestEvent { onSignal(.resourceUpdated(params)) }
    case "notifications/tools/list_changed", "notifications/prompts/list_changed",
      "notifications/resources/list_changed":
      onSignal(.listChanged)
    case "notifications/cancelled": withdraw(params)
    case "notifications/subscriptions/acknowledged":
      state.withLock { $0.whenAcknowledged }?()
    default: break
    }
  }

  private func takeProgress(_ params: JSONText) {
    guard let token = params["progressToken"]?.int.map(Int64.init) else { return }
    let mailbox = state.withLock { $0.requests.progressed(token, now: .now) }
    if params.count <= Self.largestEvent { mailbox?.put(.event(.progress(params))) }
  }

  private func take(_ event: ServerEvent, of request: RequestID?) {
    guard event.params.count <= Self.largestEvent else { return }
    if let listener = state.withLock({ $0.requests.listener(of: request) }) {
      listener.put(.event(event))
    } else {
      onSignal(.event(event))
    }
  }
}
