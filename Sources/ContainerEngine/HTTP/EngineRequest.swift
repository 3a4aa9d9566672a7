import NIOCore
import NIOHTTP1

/// One request to the engine, before it has a connection.
struct EngineRequest: Sendable {
  /// How long we wait.
  enum TimeLimit: Sendable {
    /// For everything, from connecting to the last byte.
    case whole(Duration)
    /// For the next byte: an operation may go on for long while it reports progress.
    case silence(Duration)
    /// For the connection and the head of the answer only; what follows comes when it comes.
    case head(Duration)
  }

  enum Body: Sendable {
    case none
    case bytes([UInt8])
    /// Sent as the chunks come.
    case stream(@Sendable (_ write: (ByteBuffer) async throws -> Void) async throws -> Void)
  }

  /// For error messages.
  let operation: String
  let method: HTTPMethod
  /// Below the version: `/containers/create`.
  let path: String
  var query: [(String, String)] = []
  var headers: [(String, String)] = []
  var body = Body.none
  var limit = TimeLimit.whole(.seconds(30))

  init(_ operation: String, _ method: HTTPMethod, _ path: String) {
    self.operation = operation
    self.method = method
    self.path = path
  }

  /// The request target, everything outside the unreserved characters escaped.
  func target(version: APIVersion?) -> String {
    let prefix = version.map { "/v\($0)" } ?? ""
    let pairs = query.map { "\(Self.escape($0.0))=\(Self.escape($0.1))" }
    return prefix + path + (pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&"))
  }

  func head(version: APIVersion?, host: String) -> HTTPRequestHead {
    var fields = HTTPHeaders(headers)
    fields.replaceOrAdd(name: "Host", value: host)
    fields.replaceOrAdd(name: "User-Agent", value: "mcp-gateway")
    switch body {
    case .none:
      if method == .POST { fields.replaceOrAdd(name: "Content-Length", value: "0") }
    case .bytes(let bytes):
      fields.replaceOrAdd(name: "Content-Length", value: String(bytes.count))
    case .stream: fields.replaceOrAdd(name: "Transfer-Encoding", value: "chunked")
    }
    return HTTPRequestHead(
      version: .http1_1, method: method, uri: target(version: version), headers: fields)
  }

  /// Names from catalogs and labels go into paths and queries: nothing they hold may end one part
  /// and begin another.
  static func escape(_ text: String) -> String {
    var escaped = ""
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "~"):
        escaped.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        escaped += byte < 16 ? "%0" : "%"
        escaped += String(byte, radix: 16, uppercase: true)
      }
    }
    return escaped
  }
}

extension EngineRequest.TimeLimit {
  var duration: TimeAmount {
    switch self {
    case .whole(let limit), .silence(let limit), .head(let limit): TimeAmount(limit)
    }
  }
}
