import Wire

/// The headers an operator configured for a remote server. Their values are secrets: they are sent
/// to that server's origin only and appear in no message, log or description.
public struct RemoteHeaders: Sendable {
  let pairs: [(name: String, value: String)]

  public static let none = RemoteHeaders()

  private init() { pairs = [] }

  /// - Parameter source: where the headers are configured, for the error.
  public init(_ headers: [String: String], source: String) throws(Problem) {
    var checked: [(name: String, value: String)] = []
    var seen: Set<String> = []
    for (name, value) in headers.sorted(by: { $0.key < $1.key }) {
      if let flaw = Self.flaw(name: name, value: value) {
        throw Problem(source: source, "header \(Self.shown(name)): \(flaw)")
      }
      guard seen.insert(name.lowercased()).inserted else {
        throw Problem(source: source, "header \(Self.shown(name)) is given twice")
      }
      checked.append((name, value))
    }
    pairs = checked
  }

  private static func flaw(name: String, value: String) -> String? {
    guard !name.isEmpty, name.utf8.count <= 256, name.utf8.allSatisfy(isTokenByte) else {
      return "the name is not an HTTP token"
    }
    guard !ours.contains(name.lowercased()) else {
      return "the gateway sets this header itself; remove it"
    }
    guard value.utf8.count <= 16 << 10 else { return "the value is longer than 16 KiB" }
    guard value.utf8.allSatisfy({ $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7F) }) else {
      return "the value has a control character, such as a line break at the end of a secret"
    }
    return nil
  }

  /// The message and the framing are ours: a configured one could smuggle a request or lead it to
  /// another virtual host.
  private static let ours: Set<String> = [
    "host", "connection", "keep-alive", "proxy-connection", "transfer-encoding", "te", "trailer",
    "upgrade", "content-length", "content-type", "content-encoding", "accept", "accept-encoding",
    "expect", "mcp-session-id", "mcp-protocol-version", "last-event-id",
    "proxy-authorization", "proxy-authenticate",
  ]

  private static func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
  }

  private static func shown(_ name: String) -> String {
    let plain = name.utf8.prefix(64).map { (0x20...0x7E).contains($0) ? $0 : UInt8(ascii: "?") }
    return "\"\(String(decoding: plain, as: UTF8.self))\""
  }
}

extension RemoteHeaders: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  public var description: String { "RemoteHeaders(\(pairs.map(\.name).joined(separator: ", ")))" }
  public var debugDescription: String { description }
  public var customMirror: Mirror { Mirror(self, children: [:]) }
}
