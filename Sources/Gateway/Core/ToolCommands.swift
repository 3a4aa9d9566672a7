import Wire

/// A gateway for one command: lists or calls through the same path as a client of a running one.
public struct OneShot: Sendable {
  fileprivate let session: GatewaySession

  fileprivate init(_ session: GatewaySession) { self.session = session }

  /// The tools as clients see them. Throws an ``RPCError``.
  public func listTools() async throws -> [JSONText] {
    try await ask("tools/list", .emptyObject)["tools"]?.elements ?? []
  }

  /// Calls a tool by its exposed name. A refusal is a result that says so. Throws an ``RPCError``.
  public func call(_ name: String, arguments: JSONText) async throws -> CallResult {
    let params = JSONText(object: [("name", JSONText(string: name)), ("arguments", arguments)])
    return CallResult(try await ask("tools/call", params))
  }

  private func ask(_ method: String, _ params: JSONText) async throws -> JSONText {
    let message = Message.request(id: .string(RandomID.make()), method: method, params: params)
    let answer: Message?
    switch session.begin(message) {
    case .nothing: answer = nil
    case .answer(let given): answer = given
    case .work(let exchange): answer = await exchange.run { _ in }
    }
    switch answer {
    case .result(_, let result): return result
    case .failure(_, let error): throw error
    default: throw RPCError.internal("\(method) got no answer")
    }
  }
}

/// Commands that need a gateway for a moment.
public enum ToolCommands {
  /// Starts the enabled servers, runs `body`, takes everything down.
  ///
  /// Problems and failing servers are told on stderr. Throws a ``Problem`` if nothing can start, and
  /// what `body` throws.
  ///
  /// - Parameter recordsCalls: whether `body` calls anything: only then a log is opened.
  public static func withGateway<T: Sendable>(
    _ settings: Settings, environment: RunEnvironment, recordsCalls: Bool,
    _ body: @Sendable (OneShot) async throws -> T
  ) async throws -> T {
    let console = Console()
    let assembly = try Assembly(settings, environment, console)
    let plan = await assembly.plan()
    let failure = plan.problems.first { $0.severity == .error }
    // That one is told by whoever catches it.
    for problem in plan.problems where problem != failure { console.line(problem.description) }
    if let failure { throw failure }
    let generation = try assembly.generation(for: plan)
    let instance = String(RandomID.make().prefix(8))
    let recording =
      recordsCalls
      ? try CallRecording.open(settings, transport: "command", instance: instance, console) : nil
    recording?.follow(generation)
    let log: @Sendable (String) -> Void = { if settings.verbose { console.line($0) } }
    let core = GatewayCore(
      generation: generation, instance: instance,
      journals: (recording?.journal).map { [$0] } ?? [],
      listTimeout: settings.startTimeout, log: log)
    let director = ServerDirector(core: core, ownListing: ServerDirector.catalogListing)
    for server in plan.unusable {
      for problem in server.problems { console.line(problem.description) }
    }
    for outcome in await director.listAll(plan.servers, of: generation) {
      guard case .failure(let fault) = outcome.result else { continue }
      console.line("! \(outcome.server): \(PrintableText(fault.message, limit: 600))")
    }
    core.markListed()
    let session = GatewaySession(id: RandomID.make(), identity: "local", core: core)
    let result: Result<T, any Error>
    do {
      let opening = JSONText(object: [
        ("protocolVersion", JSONText(string: ProtocolVersion.newestHandshake.rawValue)),
        ("clientInfo", JSONText(object: [("name", JSONText(string: "gateway tools"))])),
      ])
      _ = session.begin(Message.request(id: .integer(0), method: "initialize", params: opening))
      result = .success(try await body(OneShot(session)))
    } catch { result = .failure(error) }
    await session.end()
    await core.close()
    await recording?.close()
    return try result.get()
  }
}
