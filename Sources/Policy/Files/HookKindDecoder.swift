import Wire
import YAML

/// Reads what a hook runs. Each kind has a short form, which is what the command line takes behind
/// `WHEN:TYPE:`, and a long one.
struct HookKindDecoder {
  static let names = ["exec", "http", "docker"]
  private static let urlSchemes = ["https://", "http://", "unix://", "http+unix://"]

  private let reader: YAMLReader
  /// The value of `persistent`, which stands beside the kind.
  private let persistence: YAMLNode?

  init(_ reader: YAMLReader, isPersistent: YAMLNode?) {
    self.reader = reader
    persistence = isPersistent
  }

  func kind(_ name: String, _ node: YAMLNode) -> HookRule.Kind? {
    if name != "exec", let persistence {
      reader.report(
        at: persistence, "only exec hooks can be persistent",
        hint: name == "docker" ? "docker has warm: true" : "connections are kept anyway")
    }
    switch name {
    case "exec": return exec(node).map(HookRule.Kind.exec)
    case "http": return http(node).map(HookRule.Kind.http)
    default: return docker(node).map(HookRule.Kind.docker)
    }
  }

  // MARK: exec

  private func exec(_ node: YAMLNode) -> ExecHook? {
    var isPersistent = false
    if let persistence {
      guard let value = reader.bool(persistence, "persistent") else { return nil }
      isPersistent = value
    }
    guard let command = command(node) else { return nil }
    return ExecHook(command: command, isPersistent: isPersistent)
  }

  private func command(_ node: YAMLNode) -> ExecHook.Command? {
    if case .sequence = node.kind {
      guard let words = reader.strings(node, "exec") else { return nil }
      guard let program = words.first, !program.isEmpty else { return nothing(node, "exec") }
      return .program(words)
    }
    guard case .scalar = node.kind else {
      reader.report(
        at: node, "exec must be a shell line or a list of a program and its arguments")
      return nil
    }
    guard let line = reader.string(node, "exec") else { return nil }
    return line.isEmpty ? nothing(node, "exec") : .shell(line)
  }

  // MARK: http

  private func http(_ node: YAMLNode) -> HTTPHook? {
    guard case .mapping = node.kind else {
      return url(node).map { HTTPHook(url: $0, headers: []) }
    }
    guard let fields = reader.fields(node, "http") else { return nil }
    let found = fields.node("url")
    if found == nil { reader.report(at: node, "url is missing") }
    let url = found.flatMap(url)
    let values = ValueSourceDecoder(reader)
    let caFile = fields.node("ca-file").map { values.path($0, "ca-file") }
    let hmacKey = fields.node("hmac-key").map { values.source($0, "hmac-key") }
    let headers = (fields.entries("headers") ?? []).map(header)
    fields.reportEmpty()
    fields.reportUnknown(as: .error)
    guard let url, caFile != .some(nil), hmacKey != .some(nil), !headers.contains(nil) else {
      return nil
    }
    return HTTPHook(
      url: url, caFile: caFile ?? nil, hmacKey: hmacKey ?? nil, headers: headers.compactMap(\.self))
  }

  /// What else is wrong with a URL is found where it is used.
  private func url(_ node: YAMLNode) -> String? {
    guard let text = reader.string(node, "url") else { return nil }
    if Self.urlSchemes.contains(where: text.hasPrefix) { return text }
    reader.report(
      at: node, "a hook's URL must begin with \(Self.urlSchemes.joined(separator: ", "))")
    return nil
  }

  private func header(_ entry: YAMLEntry) -> HTTPHook.Header? {
    guard let flaw = HeaderName.flaw(entry.key) else {
      return ValueSourceDecoder(reader).source(entry.value, "the value of a header")
        .map { HTTPHook.Header(name: entry.key, value: $0) }
    }
    reader.report(atKeyOf: entry, "\(entry.key.forMessage) \(flaw)")
    return nil
  }

  // MARK: docker

  private func docker(_ node: YAMLNode) -> DockerHook? {
    guard case .mapping = node.kind else { return dockerLine(node) }
    guard let fields = reader.fields(node, "docker") else { return nil }
    let image = fields.requiredString("image")
    let arguments = fields.strings("arguments")
    let isWarm = fields.bool("warm")
    fields.reportEmpty()
    fields.reportUnknown(as: .error)
    return image.map {
      DockerHook(image: $0, arguments: arguments ?? [], isWarm: isWarm ?? false)
    }
  }

  private func dockerLine(_ node: YAMLNode) -> DockerHook? {
    guard let line = reader.string(node, "docker") else { return nil }
    guard let words = ShellWords.split(line) else {
      reader.report(at: node, "a quote or backslash in this line has no end")
      return nil
    }
    guard let image = words.first, !image.isEmpty else { return nothing(node, "docker") }
    return DockerHook(image: image, arguments: Array(words.dropFirst()), isWarm: false)
  }

  private func nothing<Value>(_ node: YAMLNode, _ what: String) -> Value? {
    reader.report(at: node, "\(what) is empty")
    return nil
  }
}

/// Names of headers that an operator may add to a hook's requests.
private enum HeaderName {
  /// Ours, or those of the connection: two of them would be read differently by different servers.
  private static let reserved: Set<String> = [
    "host", "content-length", "content-type", "transfer-encoding", "connection", "accept", "expect",
    "te", "trailer", "upgrade", "keep-alive", "accept-encoding",
  ]

  /// Nil for a good one (RFC 9110, 5.1).
  static func flaw(_ name: String) -> String? {
    let isToken =
      !name.isEmpty && name.utf8.count <= 128
      && name.utf8.allSatisfy { byte in
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
          || (0x61...0x7A).contains(byte) || "!#$%&'*+-.^_`|~".utf8.contains(byte)
      }
    if !isToken { return "is no name of a header" }
    let lowercased = name.lowercased()
    if reserved.contains(lowercased) || lowercased.hasPrefix("x-mcp-gateway-") {
      return "is a header that the gateway writes itself"
    }
    return nil
  }
}
