import Authorization
import HTTPSyntax
import HTTPTypes
import Wire

/// The rules of revision 2026-07-28 for streamable HTTP: one endpoint, POST alone, no sessions.
extension HTTPRequestRules {
  /// The header tells the eras apart. Whatever is not one of the handshake revisions is judged by
  /// the rules of the stateless era, which know how to answer a version that nobody serves.
  func isStateless(_ head: RequestHead) -> Bool {
    let versions = head[all: "mcp-protocol-version"]
    guard let version = versions.first else { return false }
    return versions.count > 1 || ProtocolVersion(rawValue: version) == nil
  }

  func stateless(_ head: RequestHead) -> Decision {
    guard head.method == "POST" else { return .refuse(.methodNotAllowed("POST")) }
    return refusalOfPost(head) ?? .stateless
  }
}

extension HTTPService {
  /// A session's request that says in its body that it belongs to the other era. `initialize` does
  /// not exist there, so it is what it seems.
  func refusalOfEra(_ message: Message) -> HTTPRefusal? {
    guard case .request(let id, let method, let params) = message, method != "initialize",
      RequestEnvelope.isClaimed(by: params)
    else { return nil }
    return .stateless(
      .headerMismatch("MCP-Protocol-Version differs from the version in params._meta"), id)
  }

  func stateless(
    _ head: RequestHead, _ principal: Principal, _ message: Message
  ) throws(HTTPRefusal) -> HTTPAnswer {
    let headers = MirroredHeaders(head)
    switch message {
    case .request(let id, let method, let params):
      do throws(RPCError) {
        var request = try StatelessRequest(
          id: id, method: method, params: params, headers: headers)
        request.scopes = principal.scopes
        return reply(to: request, principal.identity)
      } catch {
        opener.turnAway(
          FlawedRequest(method: method, params: params, error: error),
          identity: principal.identity, scopes: principal.scopes)
        throw .stateless(error, id)
      }
    case .notification:
      // None is defined. In particular `notifications/cancelled` ends nothing: ids are the
      // client's own, and one could end another's work.
      let version = headers.versions.first ?? ""
      guard StatelessVersion(rawValue: version) != nil, headers.versions.count == 1 else {
        throw .stateless(.unsupportedVersion(version), nil)
      }
      return .empty(.accepted)
    case .result, .failure: throw .badRequest("a response answers nothing here")
    }
  }

  /// The request runs while its client waits: closing the connection is how it is cancelled.
  private func reply(to request: StatelessRequest, _ identity: String) -> HTTPAnswer {
    let box = Mailbox<Reply>(capacity: 16)
    let exchange = opener.begin(request, identity: identity)
    let running = Task(executorPreference: LoopExecutor.current) {
      let response = await exchange.runAdopted { await box.send(.related($0)) }
      box.finish(with: response.map { .response($0) })
    }
    exchange.handle.adopt(running)
    return .stateless(box) { running.cancel() }
  }
}

extension MirroredHeaders {
  init(_ head: RequestHead) {
    versions = head[all: "mcp-protocol-version"]
    methods = head[all: "mcp-method"]
    names = head[all: "mcp-name"]
    for field in head.fields where field.name.hasPrefix(MirroredParameters.prefix) {
      parameters[String(field.name.dropFirst(MirroredParameters.prefix.count)), default: []]
        .append(field.value)
    }
  }
}

/// The status of a response that stands alone (MCP 2026-07-28, Streamable HTTP, Status Codes).
enum StatelessStatus {
  static func of(_ response: Message) -> HTTPResponse.Status {
    guard case .failure(_, let error) = response else { return .ok }
    return of(error)
  }

  static func of(_ error: RPCError) -> HTTPResponse.Status {
    switch RPCError.Code(rawValue: error.code) {
    case .parse, .invalidRequest, .invalidParams, .headerMismatch, .missingClientCapability,
      .unsupportedVersion:
      .badRequest
    case .methodNotFound: .notFound
    case .internal, .resourceNotFound, nil: .ok
    }
  }
}

extension HTTPRefusal {
  /// The answer to a request that its envelope or its headers condemn.
  static func stateless(_ error: RPCError, _ id: Wire.RequestID?) -> HTTPRefusal {
    HTTPRefusal(StatelessStatus.of(error), error, id: id)
  }
}
