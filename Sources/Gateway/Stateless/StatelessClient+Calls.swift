import Wire

/// Calls of the stateless era, which may take several requests.
extension StatelessClient {
  /// The members of `params` by which a client answers what a server asked.
  private static let responses = "inputResponses"
  private static let requestState = "requestState"

  func call(
    _ method: Call.Method, _ request: StatelessRequest, _ emit: @escaping Exchange.Emit
  ) async throws -> JSONText {
    let parked = ParkedRequest(identity: identity, method: method, params: request.params)
    if let requestState = request.params[Self.requestState] {
      let call = try core.parked.take(requestState, for: parked)
      call.take(request.params[Self.responses])
      return try await answer(call, for: parked, emit)
    }
    let prepared = try await prepare(method, request)
    guard ClientCapabilities(request.envelope.capabilities) != .none else {
      return try await carry(prepared, request, emit) {
        throw RPCError.methodNotFound($0.method.rawValue)
      }
    }
    let call = InputCall()
    call.start(on: core.executor) { [self] in
      try await carry(prepared, request, call.emit, ask: call.put)
    }
    return try await answer(call, for: parked, emit)
  }

  /// What a client's request is answered with: the result, or what is asked of the client.
  private func answer(
    _ call: InputCall, for parked: ParkedRequest, _ emit: @escaping Exchange.Emit
  ) async throws -> JSONText {
    switch await call.turn(emit: emit) {
    case .finished(let outcome): return try outcome.get()
    case .input(let questions):
      // A client that has gone in this moment will not come back.
      guard !Task.isCancelled else {
        call.cancel()
        throw CancellationError()
      }
      return StatelessResult.inputRequired(questions, try core.parked.park(call, for: parked))
    }
  }

  private struct Prepared: Sendable {
    let request: CallRequest
    let route: Directory.Route
    let snapshot: Snapshot
    let call: Call
  }

  private func prepare(
    _ method: Call.Method, _ request: StatelessRequest
  ) async throws -> Prepared {
    // Answers to what nobody asked are nobody's to read.
    let params = request.params.setting(Self.responses, to: nil)
    let named = try CallRequest(method, params)
    if case .unknown = named.find(in: directory.current(over: core.snapshot)) {
      await core.waitUntilListed()
    }
    let snapshot = core.snapshot
    let directory = directory.current(over: snapshot)
    let route = try named.route(in: directory)
    if method == .callTool, let headers = request.headers,
      let mirrored = directory.mirroredParameters(of: params["name"]?.string ?? "")
    {
      try headers.check(mirrored, params["arguments"] ?? .emptyObject)
    }
    let call = Call(
      id: core.nextCallID(), caller: caller(request), server: route.server, method: method,
      target: route.name, params: named.params(for: route))
    return Prepared(request: named, route: route, snapshot: snapshot, call: call)
  }

  private func carry(
    _ prepared: Prepared, _ request: StatelessRequest, _ emit: @escaping Exchange.Emit,
    ask: @escaping AskCarrier
  ) async throws -> JSONText {
    let notices = CallNotices(token: request.envelope.progressToken)
    let capabilities = ClientCapabilities(request.envelope.capabilities)
    let link = ClientLink(
      tenant: tenant(capabilities), wantsProgress: notices.wantsProgress,
      logLevel: request.logLevel,
      deliver: { event in
        if let message = request.notification(of: event, notices) { await emit(message) }
      }, ask: ask)
    let result = try await core.carry(
      prepared.call, on: prepared.snapshot, for: servers.of(capabilities), link)
    if let progress = notices.end().progress {
      await emit(.notification(method: "notifications/progress", params: progress))
    }
    let presented = prepared.request.presented(result.text, prepared.route)
    return prepared.call.method == .readResource
      ? StatelessResult.contents(presented) : StatelessResult.complete(presented)
  }
}
