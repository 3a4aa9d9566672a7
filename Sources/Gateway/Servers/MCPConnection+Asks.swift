import Wire

/// Requests that a server makes of its client: they reach the client whose call caused them, and no
/// other, because a connection serves one client at a time. Where the channel says on whose stream
/// a request came, it belongs to that call (MCP, Streamable HTTP).
extension MCPConnection {
  /// Larger asks are declined. As much as a client may send.
  private static let largestAsk = 4 << 20

  private enum Course {
    case carry(AskCarrier)
    case wait
    case decline(RPCError)
  }

  func take(
    _ id: RequestID, _ method: String, _ params: JSONText?, of request: RequestID?
  ) throws(Fault) {
    // In the stateless era servers only answer.
    if state.withLock({ $0.envelope != nil }) {
      return try reply(.failure(id: id, .methodNotFound(method)))
    }
    if method == "ping" { return try reply(.result(id: id, .emptyObject)) }
    guard let method = ServerAsk.Method(rawValue: method) else {
      return try reply(.failure(id: id, .methodNotFound(method)))
    }
    let ask = ServerAsk(server: server, method: method, params: params ?? .emptyObject)
    try take(id, ask, of: request)
  }

  private func take(
    _ id: RequestID, _ ask: ServerAsk, of request: RequestID?
  ) throws(Fault) {
    let handle = CallHandle()
    switch course(of: ask, id, request, handle) {
    case .carry(let carrier): carry(ask, id, handle, by: carrier)
    case .wait: break
    case .decline(let error): try reply(.failure(id: id, error))
    }
  }

  private func reply(_ message: Message) throws(Fault) {
    guard sendAside(message) else {
      throw violation("sends requests faster than it reads answers")
    }
  }

  private func course(
    of ask: ServerAsk, _ id: RequestID, _ request: RequestID?, _ handle: CallHandle
  ) -> Course {
    if let refusal = tenant.capabilities.refusal(of: ask) { return .decline(refusal) }
    guard ask.params.count <= Self.largestAsk else {
      return .decline(.invalidParams("the request is larger than \(Self.largestAsk) bytes"))
    }
    return state.withLock { state in
      guard !state.asks.isKnown(id) else {
        return .decline(.invalidRequest("a request with this id is open"))
      }
      guard !state.requests.isOver(request) else {
        return .decline(.invalidRequest("the request on whose stream this came is over"))
      }
      let callers = state.requests.carriers(of: request)
      guard let carrier = callers.newest?.carrier ?? tenant.ask else {
        return state.asks.park(id, ask) ? .wait : .decline(Self.tooMany)
      }
      guard state.asks.hasRoom else { return .decline(Self.tooMany) }
      state.asks.begin(id, callers.calls, handle)
      state.requests.pause(callers.calls)
      return .carry(carrier)
    }
  }

  private static var tooMany: RPCError {
    Refusal(
      .overLimit, rule: "server-requests",
      message: "no more than \(OpenAsks.mostOpen) requests of a server are open"
    ).rpcError
  }

  /// What the server asked before there was a call to carry it.
  func carryParked(_ parked: [OpenAsks.Parked]) {
    for waiting in parked {
      // A server that reads nothing is found out by its calls.
      try? take(waiting.id, waiting.ask, of: nil)
    }
  }

  private func carry(
    _ ask: ServerAsk, _ id: RequestID, _ handle: CallHandle, by carrier: @escaping AskCarrier
  ) {
    Task {
      let reply = await handle.run(on: nil) { await Self.reply(to: ask, id, by: carrier) }
      let isAwaited = state.withLock { state in
        guard let calls = state.asks.end(id, handle) else { return false }
        state.requests.resume(calls, now: .now)
        return state.end == nil
      }
      if isAwaited { _ = sendAside(reply) }
    }
  }

  private static func reply(
    to ask: ServerAsk, _ id: RequestID, by carrier: AskCarrier
  ) async -> Message {
    do {
      return .result(id: id, try await carrier(ask))
    } catch let error as RPCError {
      return .failure(id: id, error)
    } catch let refusal as Refusal {
      return .failure(id: id, refusal.rpcError)
    } catch let fault as Fault {
      return .failure(id: id, fault.rpcError)
    } catch is CancellationError {
      return .failure(id: id, Fault(.cancelled, from: .client, "the call was cancelled").rpcError)
    } catch {
      return .failure(id: id, .internal("the gateway failed"))
    }
  }

  /// `notifications/cancelled` of the server: nobody needs to answer any more.
  func withdraw(_ params: JSONText) {
    guard let id = params["requestId"].flatMap(RequestID.init) else { return }
    let handle = state.withLock { state -> CallHandle? in
      guard let (handle, calls) = state.asks.withdraw(id) else { return nil }
      state.requests.resume(calls, now: .now)
      return handle
    }
    handle?.cancel()
  }
}
