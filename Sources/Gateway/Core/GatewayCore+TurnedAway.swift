import Interceptors
import Wire

/// Requests that are refused before they are calls are recorded all the same: who tries what is not
/// there, or may not be used, is what an auditor looks for.
extension GatewayCore {
  /// Has a request recorded that `find` refuses; one that it does not becomes a call, which is.
  func telling<Found>(
    of method: Call.Method, _ params: JSONText, by caller: Caller,
    _ find: () async throws -> Found
  ) async throws -> Found {
    do { return try await find() } catch let refusal as Refusal {
      turnAway(method, params, by: caller, .refused(refusal))
      throw refusal
    } catch let error as RPCError {
      turnAway(method, params, by: caller, .unusable(error))
      throw error
    }
  }

  /// The same of a request that may be none that becomes a call; then there is nothing to record.
  func turnAway(
    _ method: String, _ params: JSONText, by caller: Caller, _ reason: TurnedAway.Reason
  ) {
    guard let method = Call.Method(rawValue: method) else { return }
    turnAway(method, params, by: caller, reason)
  }

  /// A request of the stateless era that its envelope or its headers condemn.
  func turnAway(_ request: FlawedRequest, identity: String, scopes: Set<String>) {
    turnAway(
      request.method, request.params ?? .emptyObject,
      by: Caller(identity: identity, scopes: scopes, session: "", clientName: ""),
      .unusable(request.error))
  }

  func turnAway(
    _ method: Call.Method, _ params: JSONText, by caller: Caller, _ reason: TurnedAway.Reason
  ) {
    let request = TurnedAway(
      id: nextCallID(), caller: caller, method: method, name: CallRequest.name(method, params),
      params: params, reason: reason)
    for journal in journals { journal.turnedAway(request) }
  }
}
