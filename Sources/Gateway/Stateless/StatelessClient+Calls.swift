import Wire

/// Calls of the stateless era, which may take several requests.
extension StatelessClient {
  /// The members of `params` by which a client answers what a server asked.
  private static let responses = "inputResponses"
  private static let requestState = "requestState"
  /// URLs that a person is asked to open before a call can begin.
  private static let mostElicitations = 16

  func call(
    _ method: Call.Method, _ request: StatelessRequest, _ emit: @escaping Exchange.Emit
  ) async throws -> JSONText {
    let parked = ParkedRequest(identity: identity, method: method, params: request.params)
    let notices = StatelessNotices(request, emit)
    if let requestState = request.params[Self.requestState] {
      let call = try await core.telling(of: method, request.params, by: caller(request)) {
        try core.parked.take(requestState, for: parked)
      }
      call.take(request.params[Self.responses])
      return try await answer(call, for: parked, notices)
    }
    let prepared = try await core.telling(of: method, request.params, by: caller(request)) {
      try await prepare(method, request)
    }
    guard method.canAsk, ClientCapabilities(request.envelope.capabilities) != .none else {
      let result = try await carry(prepared, request, notices.deliver) {
        throw RPCError.methodNotFound($0.method.rawValue)
      }
      await notices.finish()
      return result
    }
    let call = InputCall()
    call.start(on: core.executor) { [self] in
      try await carry(prepared, request, call.deliver, ask: call.put)
    }
    return try await answer(call, for: parked, notices)
  }

  /// What a client's request is answered with: the result, or what is asked of the client.
  private func answer(
    _ call: InputCall, for parked: ParkedRequest, _ notices: StatelessNotices
  ) async throws -> JSONText {
    let turn = await call.turn(notices.deliver)
    await notices.finish()
    switch turn {
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
    let snapshot: Snapshot
    var call: Call

    /// The same under another id: a call that is made twice is two calls of the record.
    func again(as id: String) -> Prepared {
      var again = self
      again.call.id = id
      return again
    }
  }

  private func prepare(
    _ method: Call.Method, _ request: StatelessRequest
  ) async throws -> Prepared {
    // Answers to what nobody asked are nobody's to read.
    let params = request.params.setting(Self.responses, to: nil).setting("task", to: nil)
    let named = try CallRequest(method, params)
    let (snapshot, route) = try await find(named)
    let directory = directory.current(over: snapshot)
    if method == .callTool, let headers = request.headers,
      let mirrored = directory.mirroredParameters(of: params["name"]?.string ?? "")
    {
      try headers.check(mirrored, params["arguments"] ?? .emptyObject)
    }
    let call = Call(
      id: core.nextCallID(), caller: caller(request), server: route.server, method: method,
      target: route.name, exposedName: named.name,
      definition: directory.definition(of: route, method), params: named.params(for: route)
    )
    return Prepared(request: named, snapshot: snapshot, call: call)
  }

  /// Where a request leads. A name that is known is not kept waiting for servers that are slow to list;
  /// what the lists do not name may have been linked to.
  func find(_ request: CallRequest) async throws -> (Snapshot, Directory.Route) {
    if case .unknown = request.find(in: directory.current(over: core.snapshot)) {
      await core.waitUntilListed()
    }
    let snapshot = core.snapshot
    var found = request.find(in: directory.current(over: snapshot))
    if found == .unknown, let uri = request.resource { found = links.withLock { $0.find(uri) } }
    return (snapshot, try request.route(found))
  }

  private func carry(
    _ prepared: Prepared, _ request: StatelessRequest, _ deliver: @escaping InputCall.Deliver,
    ask: @escaping AskCarrier
  ) async throws -> JSONText {
    let capabilities = ClientCapabilities(request.envelope.capabilities)
    let link = ClientLink(
      tenant: tenant(capabilities), wantsProgress: request.envelope.progressToken != nil,
      logLevel: request.logLevel, deliver: deliver, ask: ask)
    let result: CallResult
    do { result = try await carry(prepared, link) } catch let error as RPCError
      where error.code == RPCError.urlElicitationRequired
    {
      guard try await open(error.elicitations, of: prepared, link) else {
        throw Self.unopened(error, prepared)
      }
      result = try await carryOpened(prepared.again(as: core.nextCallID()), link)
    }
    let call = prepared.call
    let presented = prepared.snapshot.linked(
      prepared.request.presented(result.text, of: call.target), of: call,
      in: directory.current(over: prepared.snapshot)
    ) { uri in links.withLock { $0.add(uri, of: call.server) } }
    return call.method == .readResource
      ? StatelessResult.contents(presented) : StatelessResult.complete(presented)
  }

  private func carry(_ prepared: Prepared, _ link: ClientLink) async throws -> CallResult {
    try await core.carry(
      prepared.call, on: prepared.snapshot, for: servers.of(link.tenant.capabilities), link)
  }

  /// This era does not know the error: somebody has to read it.
  private static func unopened(_ error: RPCError, _ prepared: Prepared) -> Fault {
    Fault(
      .protocolViolation, from: .server, error.inWords(of: prepared.call.server), isRetryable: true)
  }

  private func carryOpened(_ prepared: Prepared, _ link: ClientLink) async throws -> CallResult {
    do { return try await carry(prepared, link) } catch let error as RPCError
      where error.code == RPCError.urlElicitationRequired
    {
      throw Self.unopened(error, prepared)
    }
  }

  /// A server of 2025-11-25 did not begin, because a person has to open URLs first. They are asked for
  /// like everything else that a server asks; then the call is made again. False if the person said no.
  private func open(
    _ elicitations: [JSONText], of prepared: Prepared, _ link: ClientLink
  ) async throws -> Bool {
    guard link.tenant.capabilities.elicitation?.url == true else {
      let url = JSONText(object: [("url", .emptyObject)])
      throw RPCError.missingClientCapability(JSONText(object: [("elicitation", url)]))
    }
    guard elicitations.count <= Self.mostElicitations else {
      throw Refusal(
        .overLimit, rule: "elicitations",
        message: "\(prepared.call.server) wants more than \(Self.mostElicitations) URLs opened")
    }
    let call = prepared.call
    return try await withThrowingTaskGroup { group in
      for elicitation in elicitations {
        // There is no such id in this era: the client learns the outcome by asking again.
        let params = elicitation.setting("elicitationId", to: nil)
          .setting("mode", to: JSONText(string: "url"))
        let ask = ServerAsk(server: call.server, method: .elicit, params: params)
        group.addTask { [core] in
          let answer = try await core.carry(
            ask, to: call.caller, during: call, by: prepared.snapshot.generation, link.ask)
          return answer["action"]?.string == "accept"
        }
      }
      return try await group.allSatisfy { $0 }
    }
  }
}

/// What one request hears of its call before it is answered.
struct StatelessNotices: Sendable {
  private let request: StatelessRequest
  private let notices: CallNotices
  private let emit: Exchange.Emit

  init(_ request: StatelessRequest, _ emit: @escaping Exchange.Emit) {
    self.request = request
    self.emit = emit
    notices = CallNotices(token: request.envelope.progressToken)
  }

  @Sendable func deliver(_ event: ServerEvent) async {
    if let message = request.notification(of: event, notices) { await emit(message) }
  }

  /// The request is about to be answered: what was held back to keep the pace.
  func finish() async {
    guard let progress = notices.end().progress else { return }
    await emit(.notification(method: "notifications/progress", params: progress))
  }
}
