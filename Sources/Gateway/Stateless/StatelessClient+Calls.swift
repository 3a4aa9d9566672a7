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
      let link = link(of: request, emit) { throw RPCError.methodNotFound($0.method.rawValue) }
      return try await carry(prepared, link)
    }
    let call = InputCall()
    let link = link(of: request, call.emit, ask: call.put)
    call.start(on: core.executor) { [self] in try await carry(prepared, link) }
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
    if case .unknown = named.find(in: core.snapshot.directory) { await core.waitUntilListed() }
    let snapshot = core.snapshot
    let route = try named.route(in: snapshot.directory)
    if method == .callTool, let headers = request.headers,
      let mirrored = snapshot.directory.mirroredParameters(of: params["name"]?.string ?? "")
    {
      try headers.check(mirrored, params["arguments"] ?? .emptyObject)
    }
    let call = Call(
      id: core.nextCallID(), caller: caller(request), server: route.server, method: method,
      target: route.name, params: named.params(for: route))
    return Prepared(request: named, route: route, snapshot: snapshot, call: call)
  }

  private func carry(_ prepared: Prepared, _ link: ClientLink) async throws -> JSONText {
    let result = try await core.carry(
      prepared.call, on: prepared.snapshot, for: servers.of(link.tenant.capabilities), link)
    let presented = prepared.request.presented(result.text, prepared.route)
    return prepared.call.method == .readResource
      ? StatelessResult.contents(presented) : StatelessResult.complete(presented)
  }

  private func link(
    of request: StatelessRequest, _ emit: @escaping Exchange.Emit, ask: @escaping AskCarrier
  ) -> ClientLink {
    // Nothing reaches a client of this era but with a request of its own.
    let tenant = Tenant(capabilities: ClientCapabilities(request.envelope.capabilities)) { ask in
      throw RPCError.invalidRequest("\(ask.method.rawValue): no request of the client is open")
    }
    return ClientLink(
      tenant: tenant, wantsProgress: request.envelope.progressToken != nil,
      deliver: { event in
        if let message = request.notification(of: event) { await emit(message) }
      }, ask: ask)
  }
}
