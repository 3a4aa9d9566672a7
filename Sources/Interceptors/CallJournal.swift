import Wire

/// How a call ended, for whoever keeps a record.
public enum CallOutcome: Sendable, Hashable {
  case succeeded(bytes: Int)
  /// The tool itself reports a failure.
  case toolFailed(bytes: Int)
  case refused(Refusal)
  case failed(Fault)
  /// The server answered with a JSON-RPC error of this code.
  case serverError(code: Int)
}

/// Is told of every call. It is asked before the answer leaves; a journal that must not lose a
/// record throws, and the answer is then withheld.
public protocol CallJournal: Sendable {
  func began(_ call: Call) throws
  func ended(_ call: Call, _ outcome: CallOutcome, after duration: Duration) throws
}
