import Wire

/// Puts a server's request to a client and waits for the answer. Throws the client's ``RPCError``, or
/// a ``Refusal`` or ``Fault`` of ours. Cancelling the task withdraws the request.
typealias AskCarrier = @Sendable (ServerAsk) async throws -> JSONText

/// For whom an instance of a server is started: decides what the server is told that its client can
/// be asked.
struct Tenant: Sendable {
  let capabilities: ClientCapabilities
  /// The era that the client speaks; its server speaks it too where it can, so that little has to be
  /// translated.
  var era = ProtocolEra.handshake
  /// Takes what the server asks while no call is in flight. Nil where the client is not known yet:
  /// such asks wait for the first call.
  let ask: AskCarrier?

  /// As much of it as a server learns when it starts.
  var kind: Kind { Kind(capabilities: capabilities, era: era) }

  struct Kind: Sendable, Hashable {
    let capabilities: ClientCapabilities
    let era: ProtocolEra
  }

  /// Nobody who could be asked anything.
  static let nobody = Tenant(capabilities: .none, ask: nil)
}
