import Wire
import YAML

/// Reads the fields of a server that is reached over HTTP.
struct RemoteServerDecoder {
  let fields: YAMLFields

  private var reader: YAMLReader { fields.reader }

  var isPresent: Bool { fields.node("sseEndpoint") != nil || fields.node("remote") != nil }

  func server() -> RemoteServer? {
    let remote = fields.fields("remote")
    let headers = remote.map(headers) ?? []
    defer { remote?.reportUnknown(as: .warning) }
    // The old form wins, as with Docker's gateway.
    if let node = fields.node("sseEndpoint"), let url = fields.string("sseEndpoint") {
      _ = remote?.node("url")
      _ = remote?.node("transport_type")
      check(url, at: node)
      return RemoteServer(url: url, transport: .sse, headers: headers)
    }
    guard let remote, let url = remote.requiredString("url") else { return nil }
    check(url, at: remote.node("url") ?? remote.node)
    guard let transport = transport(remote) else { return nil }
    return RemoteServer(url: url, transport: transport, headers: headers)
  }

  private func transport(_ remote: YAMLFields) -> RemoteServer.Transport? {
    switch remote.requiredString("transport_type") {
    case "sse": return .sse
    case "http", "streamable", "streaming", "streamable-http": return .streamableHTTP
    case nil: return nil
    case let other?:
      reader.report(
        at: remote.node("transport_type") ?? remote.node,
        "the transport \(other.forMessage) is unknown", hint: "write sse or streamable-http")
      return nil
    }
  }

  private func check(_ url: String, at node: YAMLNode) {
    if let problem = RemoteAddress.problem(with: url) {
      reader.report(at: node, "the address \(problem)", hint: "write https://host/path")
    }
  }

  /// Headers that belong to the connection or the protocol; a catalog that sets them could confuse
  /// where one request ends or whose session it is.
  private static let reserved: Set<String> = [
    "accept", "connection", "content-encoding", "content-length", "content-type", "host",
    "keep-alive", "last-event-id", "mcp-method", "mcp-name", "mcp-protocol-version",
    "mcp-session-id", "proxy-authorization", "te", "trailer", "transfer-encoding", "upgrade",
  ]

  private func headers(_ remote: YAMLFields) -> [RemoteServer.Header] {
    var seen: Set<String> = []
    return (remote.entries("headers") ?? []).compactMap { entry in
      guard let value = reader.string(entry.value, "a header") else { return nil }
      let name = entry.key.lowercased()
      if !Names.isHeader(entry.key) {
        reader.report(atKeyOf: entry, "\(entry.key.forMessage) cannot be the name of a header")
      } else if Self.reserved.contains(name) {
        reader.report(atKeyOf: entry, "the header \(entry.key.forMessage) is the gateway's to set")
      } else if !seen.insert(name).inserted {
        reader.report(atKeyOf: entry, "the header \(entry.key.forMessage) stands here twice")
      }
      return RemoteServer.Header(name: entry.key, value: ExpandableText(value))
    }
  }
}

/// Addresses of remote servers and of catalogs.
enum RemoteAddress {
  /// Nil if it is an HTTP address with a host, without credentials (they would end up in logs) and
  /// without characters that could end a request line.
  static func problem(with url: String) -> String? {
    let scheme = ["https://", "http://"].first { url.lowercased().hasPrefix($0) }
    guard let scheme else { return "must start with https:// or http://" }
    guard url.utf8.count <= 2048, url.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
      !url.contains(where: { "\"<>\\^`{}|".contains($0) })
    else { return "holds characters that an address cannot have" }
    let authority = url.dropFirst(scheme.count).prefix { !"/?#".contains($0) }
    if authority.contains("@") { return "must not hold credentials" }
    return authority.isEmpty || authority.hasPrefix(":") ? "has no host" : nil
  }

  static func isRemote(_ path: String) -> Bool {
    path.hasPrefix("http://") || path.hasPrefix("https://")
  }
}
