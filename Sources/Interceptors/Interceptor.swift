import Wire

/// A station that every call passes on its way to a server, and its result on the way back.
///
/// Refusing is a thrown ``Refusal``. A station that throws anything else has failed, and the
/// pipeline refuses the call: failing closed is written there, once.
public protocol Interceptor: Sendable {
  /// As operators know it; named in refusals.
  var name: String { get }
  func before(_ call: Call) async throws -> Verdict<Call>
  func after(_ result: CallResult, of call: Call) async throws -> Verdict<CallResult>
  /// A server's answer that is an error of JSON-RPC: its words reach the client like a result's.
  func after(_ error: RPCError, of call: Call) async throws -> Verdict<RPCError>
  /// What a server asks of its client, before the client sees it. It can be refused, not changed.
  func before(_ ask: ServerAsk) async throws
  /// What the client answers, before the server gets it.
  func after(_ answer: JSONText, to ask: ServerAsk) async throws
  /// Ends what lives longer than a call. No call comes afterwards.
  func close() async
}

extension Interceptor {
  public func before(_ call: Call) async throws -> Verdict<Call> { .pass }
  public func after(_ result: CallResult, of call: Call) async throws -> Verdict<CallResult> {
    .pass
  }
  public func after(_ error: RPCError, of call: Call) async throws -> Verdict<RPCError> {
    .notConcerned
  }
  public func before(_ ask: ServerAsk) async throws {}
  public func after(_ answer: JSONText, to ask: ServerAsk) async throws {}
  public func close() async {}
}

/// What a station decided.
public enum Verdict<Subject: Sendable>: Sendable {
  /// Go on, unchanged.
  case pass
  /// Go on: the station is not asked about this.
  case notConcerned
  /// Go on although the station failed, because the operator wants that; the record says so.
  case unjudged
  /// Go on with this instead; it is judged and scanned like the original.
  case replace(Subject)
  /// Do not ask the server; this is the result. It is scanned like a server's.
  case answer(CallResult)
}
