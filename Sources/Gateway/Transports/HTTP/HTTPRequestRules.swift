import Authorization
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
  func decideOpenly(_ head: HTTPRequest) -> OpenDecision? {
    let path = String(Self.split(head.path ?? "/").path)
    let isMetadata = metadata?.paths.contains(path) == true
    guard path == "/health" || isMetadata else { return nil }
    guard head.method == .get || head.method == .head else {
      return .refuse(.methodNotAllowed("GET, HEAD"))
    }
    return isMetadata ? metadata.map(OpenDecision.metadata) : .health
  }

  /// For requests that bear sufficient credentials only.
  func decide(_ head: HTTPRequest) -> Decision {
    let (path, query) = Self.split(head.path ?? "/")
    if let refusal = refusalByOrigin(head) { return .refuse(refusal) }
    guard path == endpoint.path else { return .redirect(to: endpoint.path) }
    switch endpoint {
    case .streaming: return streaming(head)
    case .sse: return sse(head, query)
    }
  }

  /// Where the request was sent and by which page.
  private func refusalByOrigin(_ head: HTTPRequest) -> HTTPRefusal? {
    let fields = head.headerFields
    // The codec takes the first Host away; another one means that two readers may differ.
    guard let host = head.authority, fields[values: .secondHost].isEmpty else {
      return .badRequest("exactly one Host header is required")
    }
    guard hostRule.allows(host) else { return .forbidden("this Host is not served") }
    let origins = fields[values: .origin]
    guard origins.allSatisfy(OriginRule.allows) else {
      return .forbidden("this Origin may not call")
    }
    if origins.isEmpty, fields[.secFetchSite] == "cross-site" {
      return .forbidden("cross-site requests are refused")
    }
    return nil
  }

  private func streaming(_ head: HTTPRequest) -> Decision {
    let fields = head.headerFields
    let session = fields[.mcpSessionID]
    let accepts = MediaRanges(fields[values: .accept])
    if ![.get, .post, .delete].contains(head.method) {
      return .refuse(.methodNotAllowed("GET, POST, DELETE"))
    }
    if isStateless(head) { return stateless(head) }
    switch head.method {
    case .post: return refusalOfPost(head) ?? .post(session: session)
    case .get:
      guard accepts.admits("text", "event-stream") else {
        return .refuse(.notAcceptable("text/event-stream"))
      }
      guard session != nil else { return .refuse(.sessionRequired) }
      return .listen(session: session, after: fields[.lastEventID])
    default:
      guard let session else { return .refuse(.sessionRequired) }
      return .delete(session: session)
    }
  }

  /// Both kinds of answer must be welcome: which one comes is decided later.
  func refusalOfPost(_ head: HTTPRequest) -> Decision? {
    let accepts = MediaRanges(head.headerFields[values: .accept])
    guard accepts.admits("application", "json"), accepts.admits("text", "event-stream") else {
      return .refuse(.notAcceptable("application/json, text/event-stream"))
    }
    return body(head).map { .refuse($0) }
  }

  private func sse(_ head: HTTPRequest, _ query: Substring) -> Decision {
    switch head.method {
    case .get:
      guard MediaRanges(head.headerFields[values: .accept]).admits("text", "event-stream") else {
        return .refuse(.notAcceptable("text/event-stream"))
      }
      return .listen(session: nil)
    case .post:
      if let refusal = body(head) { return .refuse(refusal) }
      guard let session = Self.sessionID(inQuery: query) else { return .refuse(.sessionRequired) }
      return .post(session: session)
    default: return .refuse(.methodNotAllowed("GET, POST"))
    }
  }

  private func body(_ head: HTTPRequest) -> HTTPRefusal? {
    let fields = head.headerFields
    guard MediaRanges.isJSON(contentType: fields[values: .contentType]) else {
      return .unsupportedMediaType
    }
    guard fields[values: .contentEncoding].allSatisfy({ $0.lowercased() == "identity" }) else {
      return .unsupportedMediaType
    }
    if let declared = fields[.contentLength].flatMap({ Int($0) }), declared > bodyLimit {
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
  static let lastEventID = known("Last-Event-ID")
  static let secFetchSite = known("Sec-Fetch-Site")
  static let accelBuffering = known("X-Accel-Buffering")
  static let secondHost = known("Host")

  /// The names above are tokens, so the fallback never comes to pass.
  static func known(_ name: String) -> HTTPField.Name { HTTPField.Name(name) ?? .date }
}
