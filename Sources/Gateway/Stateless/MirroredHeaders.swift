import Wire

/// What the headers of a request say of its body (MCP 2026-07-28, Request Headers). Intermediaries
/// route and judge by them, so a request whose headers and body differ is refused; all our own
/// decisions are made on the body.
struct MirroredHeaders: Sendable, Hashable {
  /// All lines of each header, since one that stands there twice is read differently by two readers.
  var versions: [String] = []
  var methods: [String] = []
  var names: [String] = []
  /// Lower-case names after `Mcp-Param-`, and the values.
  var parameters: [String: [String]] = [:]

  /// Throws -32020 where version, method or name differ from the body.
  func check(
    _ envelope: RequestEnvelope, _ method: String, _ params: JSONText?
  ) throws(RPCError) {
    guard try Self.single(versions, "MCP-Protocol-Version") == envelope.version else {
      throw .headerMismatch("MCP-Protocol-Version differs from the version in params._meta")
    }
    guard try Self.single(methods, "Mcp-Method") == method else {
      throw .headerMismatch("Mcp-Method differs from the method of the body")
    }
    guard let member = Self.nameMember(method), let value = params?[member]?.string else {
      guard names.count < 2 else { throw .headerMismatch("Mcp-Name stands there twice") }
      return
    }
    guard HeaderText.decode(try Self.single(names, "Mcp-Name")) == value else {
      throw .headerMismatch("Mcp-Name differs from params.\(member)")
    }
  }

  /// The member of `params` that `Mcp-Name` repeats.
  static func nameMember(_ method: String) -> String? {
    switch Call.Method(rawValue: method) {
    case .callTool, .getPrompt: "name"
    case .readResource: "uri"
    case .complete, .subscribe, .unsubscribe, .getTask, .taskResult, .cancelTask, nil: nil
    }
  }

  /// Throws -32020 where an argument that the tool's schema marks differs from its header.
  func check(_ mirrored: MirroredParameters, _ arguments: JSONText) throws(RPCError) {
    for parameter in mirrored.parameters {
      let header = "Mcp-Param-\(parameter.token)"
      let lines = parameters[parameter.token.lowercased()] ?? []
      let path = "arguments." + parameter.path.joined(separator: ".")
      let rendered = arguments[parameter].flatMap(MirroredParameters.rendered)
      guard let rendered else {
        guard lines.isEmpty else {
          throw .headerMismatch("\(header) is there without \(PrintableText(path))")
        }
        continue
      }
      let given = HeaderText.decode(try Self.single(lines, header))
      guard let given, Self.agree(given, rendered, asIntegers: parameter.isInteger) else {
        throw .headerMismatch("\(header) differs from \(PrintableText(path))")
      }
    }
  }

  private static func single(_ lines: [String], _ name: String) throws(RPCError) -> String {
    guard let line = lines.first else { throw .headerMismatch("the header \(name) is missing") }
    guard lines.count == 1 else { throw .headerMismatch("the header \(name) stands there twice") }
    return line
  }

  /// `42.0` and `42` are the same integer.
  private static func agree(_ header: String, _ body: String, asIntegers: Bool) -> Bool {
    if header == body { return true }
    guard asIntegers, let header = integer(header), let body = integer(body) else { return false }
    return header == body
  }

  /// The digits of a decimal without fraction, whatever its size; nil for anything else.
  private static func integer(_ text: String) -> String? {
    let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    if parts.count == 2 {
      guard !parts[1].isEmpty, parts[1].allSatisfy({ $0 == "0" }) else { return nil }
    }
    let isNegative = parts[0].first == "-"
    let digits = parts[0].dropFirst(isNegative ? 1 : 0)
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
      return nil
    }
    let significant = digits.drop { $0 == "0" }
    return significant.isEmpty ? "0" : (isNegative ? "-" : "") + significant
  }
}
