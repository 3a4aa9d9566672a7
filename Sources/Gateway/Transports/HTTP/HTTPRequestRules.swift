import Authorization
import HTTPSyntax
import HTTPTypes
import Wire

/// Everything about a request that its head decides, in the order in which it is checked: what is
/// open to strangers, then (elsewhere) who asks, then all that would tell a stranger something.
/// Pure: headers in, decision out.
struct HTTPRequestRules: Sendable {
  /// Which protocol is served.
  let endpoint: HTTPEndpoint
  /// Where tokens come from; nil where authorization servers play no part.
  var metadata: ResourceMetadata?
  let hostRule: HostRule
  /// Longest body in bytes.
  let bodyLimit: Int

  /// What strangers get as well.
  enum OpenDecision: Equatable {
    case health
    case metadata(ResourceMetadata)
    case refuse(HTTPRefusal)
  }

  /// What to do with the request of somebody who is known.
  enum Decision: Equatable {
    case redirect(to: String)
    case refuse(HTTPRefusal)
    case post(session: String?)
    /// A message of the stateless era.
    case stateless
    case listen(session: String?, after: String? = nil)
    case delete(session: String)
  }

  /// Nil for all that is not for strangers.
  func decideOpenly(_ head: RequestHead) -> OpenDecision? {
    let path = String(Self.split(head.target).path)
    let isMetadata = metadata?.paths.contains(path) == true
    guard path == "/health" || isMetadata else { return nil }
    guard head.method == "GET" || head.method == "HEAD" else {
      return .refuse(.methodNotAllowed("GET, HEAD"))
    }
    return isMetadata ? metadata.map(OpenDecision.metadata) : .health
  }

  /// For requests that bear sufficient credentials only.
  func decide(_ head: RequestHead) -> Decision {
    let (path, query) = Self.split(head.target)
    if let refusal = refusalByOrigin(head) { return .refuse(refusal) }
    guard path == endpoint.path else { return .redirect(to: endpoint.path) }
    switch endpoint {
    case .streaming: return streaming(head)
    case .sse: return sse(head, query)
    }
  }

  /// Where the request was sent and by which page.
  private func refusalByOrigin(_ head: RequestHead) -> HTTPRefusal? {
    let hosts = head[all: "host"]
    // With two of them two readers may differ.
    guard hosts.count == 1 else { return .badRequest("exactly one Host header is required") }
    guard hostRule.allows(hosts[0]) else { return .forbidden("this Host is not served") }
    let origins = head[all: "origin"]
    guard origins.allSatisfy(OriginRule.allows) else {
      return .forbidden("this Origin may not call")
    }
    if origins.isEmpty, head["sec-fetch-site"] == "cross-site" {
      return .forbidden("cross-site requests are refused")
    }
    return nil
  }

  private func streaming(_ head: RequestHead) -> Decision {
    let session = head["mcp-session-id"]
    if !["GET", "POST", "DELETE"].contains(head.method) {
      return .refuse(.methodNotAllowed("GET, POST, DELETE"))
    }
    if isStateless(head) { return stateless(head) }
    switch head.method {
    case "POST": return refusalOfPost(head) ?? .post(session: session)
    case "GET":
      guard MediaRanges(head[all: "accept"]).admits("text", "event-stream") else {
        return .refuse(.notAcceptable("text/event-stream"))
      }
      guard session != nil else { return .refuse(.sessionRequired) }
      return .listen(session: session, after: head["last-event-id"])
    default:
      guard let session else { return .refuse(.sessionRequired) }
      return .delete(session: session)
    }
  }

  /// Both kinds of answer must be welcome: which one comes is decided later.
  func refusalOfPost(_ head: RequestHead) -> Decision? {
    let accepts = MediaRanges(head[all: "accept"])
    guard accepts.admits("application", "json"), accepts.admits("text", "event-stream") else {
      return .refuse(.notAcceptable("application/json, text/event-stream"))
    }
    return body(head).map { .refuse($0) }
  }

  private func sse(_ head: RequestHead, _ query: Substring) -> Decision {
    switch head.method {
    case "GET":
      guard MediaRanges(head[all: "accept"]).admits("text", "event-stream") else {
        return .refuse(.notAcceptable("text/event-stream"))
      }
      return .listen(session: nil)
    case "POST":
      if let refusal = body(head) { return .refuse(refusal) }
      guard let session = Self.sessionID(inQuery: query) else { return .refuse(.sessionRequired) }
      return .post(session: session)
    default: return .refuse(.methodNotAllowed("GET, POST"))
    }
  }

  private func body(_ head: RequestHead) -> HTTPRefusal? {
    guard MediaRanges.isJSON(contentType: head[all: "content-type"]) else {
      return .unsupportedMediaType
    }
    guard head[all: "content-encoding"].allSatisfy({ $0.lowercased() == "identity" }) else {
      return .unsupportedMediaType
    }
    if case .length(let declared) = head.framing, declared > bodyLimit {
      return .tooLarge(bodyLimit)
    }
    return nil
  }

  private static func split(_ target: String) -> (path: Substring, query: Substring) {
    let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    return (parts[0], parts.count > 1 ? parts[1] : "")
  }

  private static func sessionID(inQuery query: Substring) -> String? {
    let found = query.split(separator: "&").filter { $0.hasPrefix("sessionid=") }
    guard found.count == 1 else { return nil }
    return String(found[0].dropFirst("sessionid=".count))
  }
}

/// Which of the two protocols over HTTP a gateway serves.
public enum HTTPEndpoint: Sendable, Hashable, CaseIterable {
  /// Streamable HTTP.
  case streaming
  /// HTTP+SSE of revision 2024-11-05.
  case sse

  /// The one path that it is served at.
  public var path: String {
    switch self {
    case .streaming: "/mcp"
    case .sse: "/sse"
    }
  }
}

extension HTTPField.Name {
  static let mcpSessionID = known("Mcp-Session-Id")
  static let accelBuffering = known("X-Accel-Buffering")

  /// The names above are tokens, so the fallback never comes to pass.
  static func known(_ name: String) -> HTTPField.Name { HTTPField.Name(name) ?? .date }
}
