import Interceptors
import Wire

/// What servers say and ask while they work on a call: it passes the pipeline, and asks are recorded,
/// before the client sees anything of it.
extension GatewayCore {
  /// `link` with the pipeline in front of the client.
  func guarded(_ link: ClientLink, for call: Call, by generation: Generation) -> ClientLink {
    ClientLink(
      tenant: link.tenant, wantsProgress: link.wantsProgress, logLevel: link.logLevel,
      deliver: { [self] event in
        if admits(event.params, from: call.server, by: generation) { await link.deliver(event) }
      },
      ask: { [self] ask in
        try await carry(ask, to: call.caller, during: call, by: generation, link.ask)
      })
  }

  /// Carries a server's request through the pipeline to a client, and the answer back. The answer is
  /// withheld from the server if the record cannot be written.
  ///
  /// - Parameter call: what caused it; nil while no call was in flight.
  func carry(
    _ ask: ServerAsk, to caller: Caller, during call: Call?, by generation: Generation,
    _ client: AskCarrier
  ) async throws -> JSONText {
    let start = ContinuousClock.now
    let outcome: Result<JSONText, any Error>
    do {
      let answer = try await generation.pipeline.carry(ask) { ask in
        let ask = ask.forClient
        return try await client(generation.servers.count > 1 ? ask.namingItsServer : ask)
      }
      // After the scan: the flaw names members of the answer.
      if ask.method == .elicit, let flaw = ElicitationAnswer.flaw(answer) {
        throw Fault(.protocolViolation, from: .client, "the client's answer is wrong: \(flaw)")
      }
      outcome = .success(answer)
    } catch { outcome = .failure(error) }
    let record = AskRecord(
      ask: ask, caller: caller, call: call, outcome: CallOutcome(outcome.map(CallResult.init)),
      duration: .now - start)
    try tellAll { try $0.asked(record) }
    return try outcome.get()
  }
}

extension ServerAsk {
  /// Without what belongs to the server's own hop: it was told of no client that makes tasks of
  /// requests, and its progress tokens are its own.
  fileprivate var forClient: ServerAsk {
    var own = self
    own.params = params.setting("task", to: nil)
    own.params = own.params.setting(["_meta", "progressToken"], to: nil) ?? own.params
    return own
  }

  /// Clients must show which server wants something of a person, and see only the gateway (MCP,
  /// Elicitation, Security): where it could be one of several, the name goes into the text.
  fileprivate var namingItsServer: ServerAsk {
    guard method == .elicit, let message = params["message"]?.string else { return self }
    var named = self
    named.params = params.setting("message", to: JSONText(string: "[\(server)] \(message)"))
    return named
  }
}
