import Wire

/// Calls to servers of the stateless era, which ask for input by answering that they need some (MCP
/// 2026-07-28, Multi Round-Trip Requests). For the client it is one call: what is asked goes the way of
/// every request of a server, and the call is repeated with the answers until there is a result.
extension LiveServer {
  private static let mostRounds = 10
  private static let mostQuestions = 16
  /// Before a call is repeated that only asked for patience; longer each time.
  private static let pauses: [Duration] = [
    .milliseconds(50), .milliseconds(100), .milliseconds(250),
  ]

  func carry(
    _ call: Call, for link: ClientLink, within limit: Duration, mirrored: MirroredParameters?
  ) async throws -> JSONText {
    let headers = mirrored?.headers(for: call.arguments) ?? []
    // Answers to what the server did not ask are not its to read.
    let base = call.params.setting("inputResponses", to: nil).setting("requestState", to: nil)
    var params = base
    for round in 0..<Self.mostRounds {
      let result = try await ask(call, params, headers, link, limit)
      guard let type = result["resultType"] else { return StatelessResult.stripped(result) }
      switch type.string {
      case "complete": return StatelessResult.stripped(result)
      case "input_required":
        params = base
        try await answer(result, of: call, link, round, into: &params)
      case let other:
        let name = PrintableText(other ?? type.description, limit: 40)
        throw violation("answered with a result of type \(name)")
      }
    }
    throw violation("asked for input more than \(Self.mostRounds) times in one call")
  }

  private func ask(
    _ call: Call, _ params: JSONText, _ headers: [MirroredHeader], _ link: ClientLink,
    _ limit: Duration
  ) async throws -> JSONText {
    do {
      return try await connection.request(
        call.method.rawValue, params, within: limit, wantsProgress: link.wantsProgress,
        logLevel: link.logLevel, mirroring: headers, deliver: link.deliver)
    } catch let error as RPCError {
      // These speak of our hop: a client would take them for its own.
      switch RPCError.Code(rawValue: error.code) {
      case .headerMismatch, .unsupportedVersion: throw RPCError.internal(error.message)
      default: throw error
      }
    }
  }

  /// Makes `params` those of the next round.
  private func answer(
    _ result: JSONText, of call: Call, _ link: ClientLink, _ round: Int,
    into params: inout JSONText
  ) async throws {
    guard call.method.canAsk else {
      throw violation("asked for input where none can be given")
    }
    let questions = try questions(result, link.tenant.capabilities)
    let state = result["requestState"]
    guard state.map({ $0.kind == .string }) ?? !questions.isEmpty else {
      throw violation("asked for input without saying which")
    }
    if questions.isEmpty {
      try await Task.sleep(for: Self.pauses[min(round, Self.pauses.count - 1)])
    } else {
      params = params.setting("inputResponses", to: try await answers(questions, link))
    }
    params = params.setting("requestState", to: state)
  }

  private func questions(
    _ result: JSONText, _ capabilities: ClientCapabilities
  ) throws -> [ServerAsk] {
    let requests = result["inputRequests"]?.members ?? []
    guard requests.count <= Self.mostQuestions else {
      throw violation("asked for more than \(Self.mostQuestions) inputs at once")
    }
    return try requests.map { request in
      guard let method = request.value["method"]?.string.flatMap(ServerAsk.Method.init(rawValue:))
      else { throw violation("asked for an input of unknown kind") }
      let ask = ServerAsk(
        server: connection.server, method: method,
        params: request.value["params"] ?? .emptyObject, key: request.name)
      guard capabilities.refusal(of: ask) == nil else {
        throw violation("asked for \(method.rawValue), which its client did not declare")
      }
      return ask
    }
  }

  private func answers(_ questions: [ServerAsk], _ link: ClientLink) async throws -> JSONText {
    try await withThrowingTaskGroup { group in
      for (index, ask) in questions.enumerated() {
        group.addTask { (index, try await link.ask(ask)) }
      }
      var found: [Int: JSONText] = [:]
      for try await (index, answer) in group { found[index] = answer }
      return JSONText(
        object: questions.enumerated().compactMap { index, ask in
          found[index].map { (ask.key ?? "", $0) }
        })
    }
  }

  private func violation(_ what: String) -> Fault {
    Fault(.protocolViolation, from: .server, "\(connection.server) \(what)")
  }
}
