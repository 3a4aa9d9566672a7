import Wire

/// How a call ended, for whoever keeps a record.
public enum CallOutcome: Sendable, Hashable {
  case succeeded(CallResult)
  /// The tool itself reports a failure.
  case toolFailed(CallResult)
  case refused(Refusal)
  case failed(Fault)
  /// The server (of an ask: the client) answered with a JSON-RPC error.
  case serverError(RPCError)
}

/// A request that was turned away before it became a call: it names nothing that the caller may
/// have, or says it wrongly.
public struct TurnedAway: Sendable, Hashable {
  public enum Reason: Sendable, Hashable {
    case refused(Refusal)
    /// No such name, several of it, or parameters that are none.
    case unusable(RPCError)
  }

  public var id: String
  public var caller: Caller
  public var method: Call.Method
  /// The exposed name or URI that was asked for; empty where the request has none.
  public var name: String
  /// The request as the client wrote it.
  public var params: JSONText
  public var reason: Reason

  public init(
    id: String, caller: Caller, method: Call.Method, name: String, params: JSONText,
    reason: Reason
  ) {
    self.id = id
    self.caller = caller
    self.method = method
    self.name = name
    self.params = params
    self.reason = reason
  }
}

/// Is told of every call. It is asked before the answer leaves; a journal that must not lose a
/// record throws, and the answer is then withheld.
public protocol CallJournal: Sendable {
  /// Throws if a record of this call could not be kept: then nobody is asked.
  func began(_ call: Call) throws
  func ended(_ call: Call, _ trail: CallTrail, _ outcome: CallOutcome) throws
  /// A server asked its client something, and that has ended.
  func asked(_ record: AskRecord) throws
  /// A request that did not become a call. It is refused whether or not that can be recorded.
  func turnedAway(_ request: TurnedAway)
}

extension CallJournal {
  public func turnedAway(_ request: TurnedAway) {}
}

/// One request of a server to a client, for whoever keeps a record.
public struct AskRecord: Sendable {
  public let ask: ServerAsk
  /// The client that was, or would have been, asked.
  public let caller: Caller
  /// The call that caused it; nil while none was in flight.
  public let call: Call?
  /// What the server got: the result is the client's answer.
  public let outcome: CallOutcome
  public let duration: Duration

  public init(
    ask: ServerAsk, caller: Caller, call: Call?, outcome: CallOutcome, duration: Duration
  ) {
    self.ask = ask
    self.caller = caller
    self.call = call
    self.outcome = outcome
    self.duration = duration
  }
}
