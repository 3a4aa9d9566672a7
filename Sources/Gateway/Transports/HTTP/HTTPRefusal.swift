import HTTPTypes
import Wire

/// A request that is not served, and the answer it gets.
struct HTTPRefusal: Error, Equatable {
  let status: HTTPResponse.Status
  var headers = HTTPFields()
  /// Also a JSON-RPC error, which is what MCP clients know how to show.
  let error: RPCError
  var id: Wire.RequestID?

  init(
    _ status: HTTPResponse.Status, _ error: RPCError, _ headers: HTTPFields = [:],
    id: Wire.RequestID? = nil
  ) {
    self.status = status
    self.headers = headers
    self.error = error
    self.id = id
  }

  static func forbidden(_ reason: String) -> HTTPRefusal {
    HTTPRefusal(.forbidden, .invalidRequest(reason))
  }
  static func badRequest(_ reason: String) -> HTTPRefusal {
    HTTPRefusal(.badRequest, .invalidRequest(reason))
  }
  static func methodNotAllowed(_ allowed: String) -> HTTPRefusal {
    HTTPRefusal(
      .methodNotAllowed, .invalidRequest("use one of \(allowed)"), [.allow: allowed])
  }
  static func notAcceptable(_ types: String) -> HTTPRefusal {
    HTTPRefusal(.notAcceptable, .invalidRequest("Accept must list \(types)"))
  }
  static let unsupportedMediaType = HTTPRefusal(
    .unsupportedMediaType, .invalidRequest("Content-Type must be application/json"))
  static func tooLarge(_ limit: Int) -> HTTPRefusal {
    HTTPRefusal(.contentTooLarge, .messageTooLarge(limit))
  }
  static let sessionRequired = HTTPRefusal(
    .badRequest, .invalidRequest("a session id is required; send initialize first"))
  /// The same for an id that never was, has ended, or belongs to somebody else.
  static let unknownSession = HTTPRefusal(
    .notFound, .invalidRequest("no such session; send initialize again"))
  static let unknownEvent = HTTPRefusal(
    .badRequest, .invalidRequest("Last-Event-ID was not given out in this session"))
  /// Not 404: the session is there.
  static let eventsGone = HTTPRefusal(
    .badRequest,
    .invalidRequest("events after Last-Event-ID are not kept any more; send the request again"))
  static let streamTaken = HTTPRefusal(
    .conflict, .invalidRequest("the session has a stream already"))
  static func full(_ refusal: Refusal) -> HTTPRefusal {
    HTTPRefusal(
      .serviceUnavailable,
      RPCError(
        code: -32603, message: refusal.message,
        data: JSONText(object: [("code", JSONText(string: refusal.code.rawValue))])))
  }
  static let shuttingDown = HTTPRefusal(
    .serviceUnavailable, .internal("the gateway is shutting down"))
  /// A body that is no message. A request that only holds a value that we do not accept is answered
  /// like any other that fails: clients take an error status for the end of their session.
  static func message(_ problem: MessageProblem) -> HTTPRefusal {
    let isAnswer = problem.isAboutValue && problem.subject == .request && problem.id != nil
    return HTTPRefusal(isAnswer ? .ok : .badRequest, problem.error, id: problem.id)
  }

  /// The same answer under the id of the request that caused it.
  func answering(_ message: Message) -> HTTPRefusal {
    guard case .request(let id, _, _) = message else { return self }
    var answer = self
    answer.id = id
    return answer
  }

  var message: Message { .failure(id: id, error) }
}
