import Wire

/// How a call ended, for whoever keeps a record.
public enum CallOutcome: Sendable, Hashable {
  case succeeded(bytes: Int)
  /// The tool itself reports a failure.
  case toolFailed(bytes: Int)
  case refused(Refusal)
  case failed(Fault)
  /// The server (of an ask: the client) answered with a JSON-RPC error of this code.
  case serverError(code: Int)
}

/// Is told of every call. It is asked before the answer leaves; a journal that must not lose a
/// record throws, and the answer is then withheld.
public protocol CallJournal: Sendable {
  func began(_ call: Call) throws
  func ended(_ call: Call, _ outcome: CallOutcome, after duration: Duration) throws
  /// A server asked its client something, and that has ended.
  func asked(_ record: AskRecord) throws
}

/// One request of a server to a client, for whoever keeps a record.
public struct AskRecord: Sendable {
  public let ask: ServerAsk
  /// The client that was, or would have been, asked.
  public let caller: Caller
  /// The call that caused it; nil while none was in flight.
  public let call: Call?
  /// What the server got; the bytes are those of the client's answer.
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
