import Wire

/// What a server offers, as it describes it. Entries are kept as raw text, so that clients see what
/// the server wrote.
struct Listing: Sendable, Hashable {
  struct Entry: Sendable, Hashable {
    /// The server's own name of a tool or prompt, the URI of a resource, the URI template.
    let name: String
    let text: JSONText
  }

  var tools: [Entry] = []
  var prompts: [Entry] = []
  var resources: [Entry] = []
  var templates: [Entry] = []
  /// Whether the server answers `completion/complete`.
  var completes = false
  /// What was left out, for people.
  var findings: [String] = []
}

/// Reads a server's lists, all pages, within limits.
struct ServerLister {
  static let mostPages = 100
  static let mostEntries = 2_000

  let connection: MCPConnection
  let hello: ServerHandshake.Hello
  let limit: Duration

  func list() async throws -> Listing {
    var listing = Listing()
    if hello.offers("tools") {
      listing.tools = try await entries("tools/list", "tools", "name", &listing.findings)
        .filter { Self.isUsable($0, &listing.findings) }
    }
    if hello.offers("prompts") {
      listing.prompts = try await entries("prompts/list", "prompts", "name", &listing.findings)
    }
    if hello.offers("resources") {
      listing.resources = try await entries("resources/list", "resources", "uri", &listing.findings)
      listing.templates = try await templates(&listing.findings)
    }
    // Servers of the first revision may complete without declaring it.
    listing.completes = hello.offers("completions")
    return listing
  }

  /// Many servers declare resources and do not know this method.
  private func templates(_ findings: inout [String]) async throws -> [Listing.Entry] {
    do {
      return try await entries(
        "resources/templates/list", "resourceTemplates", "uriTemplate", &findings)
    } catch let error as RPCError where error.code == -32601 {
      return []
    }
  }

  private func entries(
    _ method: String, _ member: String, _ key: String, _ findings: inout [String]
  ) async throws -> [Listing.Entry] {
    var found: [Listing.Entry] = []
    var names: Set<String> = []
    var cursors: Set<String> = []
    var cursor: String?
    for _ in 0..<Self.mostPages {
      let params = cursor.map { JSONText(object: [("cursor", JSONText(string: $0))]) }
      let page = try await connection.request(method, params, within: limit)
      guard let items = page[member], items.kind == .array else {
        throw Fault(
          .protocolViolation, from: .server,
          "\(connection.server) answered \(method) without \(member)")
      }
      for item in items.elements {
        guard let name = item[key]?.string, !name.isEmpty, names.insert(name).inserted else {
          findings.append("\(method): an entry without a \(key) of its own is left out")
          continue
        }
        guard found.count < Self.mostEntries else {
          findings.append("\(method): more than \(Self.mostEntries) entries; the rest is left out")
          return found
        }
        found.append(Listing.Entry(name: name, text: item))
      }
      guard let next = page["nextCursor"]?.string else { return found }
      guard cursors.insert(next).inserted else {
        findings.append("\(method): pages go round in a circle; stopped there")
        return found
      }
      cursor = next
    }
    findings.append("\(method): more than \(Self.mostPages) pages; the rest is left out")
    return found
  }

  /// Clients refuse a whole list for one schema that is not an object, so the bad tool goes.
  private static func isUsable(_ tool: Listing.Entry, _ findings: inout [String]) -> Bool {
    guard tool.text["inputSchema"]?["type"]?.string == "object" else {
      findings.append(
        "tool \(PrintableText(tool.name)) is left out: its inputSchema is not of type object")
      return false
    }
    return true
  }
}
