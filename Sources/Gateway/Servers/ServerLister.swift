import Audit
import Wire

/// What a server offers, as it describes it. Entries are kept as raw text, so that clients see what
/// the server wrote.
struct Listing: Sendable, Hashable {
  struct Entry: Sendable, Hashable {
    /// The server's own name of a tool or prompt, the URI of a resource, the URI template.
    let name: String
    let text: JSONText
    /// Of the text, byte for byte: another description or schema is another definition.
    let digest: String

    init(name: String, text: JSONText) {
      self.name = name
      self.text = text
      digest = Fingerprint.sha256(text.bytes)
    }
  }

  var tools: [Entry] = []
  var prompts: [Entry] = []
  var resources: [Entry] = []
  var templates: [Entry] = []
  /// Whether the server has resources at all, listed or not.
  var offersResources = false
  /// Whether updates of resources can be subscribed to.
  var offersSubscriptions = false
  /// Whether tools can be called as tasks (MCP 2025-11-25).
  var offersTasks = false
  /// What was left out, for people.
  var findings: [String] = []
}

/// Reads a server's lists, all pages, within limits.
struct ServerLister {
  static let mostPages = 100
  static let mostEntries = 2_000
  /// Bytes of all pages of one list: entries keep the page that they are a part of.
  var mostBytes = 32 << 20

  let connection: MCPConnection
  let hello: ServerHandshake.Hello
  /// For all lists and pages together: a server that is slow with each of a hundred pages must not
  /// keep the others from being listed.
  private let deadline: ContinuousClock.Instant

  init(connection: MCPConnection, hello: ServerHandshake.Hello, limit: Duration) {
    self.connection = connection
    self.hello = hello
    deadline = .now + limit
  }

  func list() async throws -> Listing {
    var listing = Listing()
    if hello.offers("tools") {
      listing.offersTasks =
        hello.capabilities["tasks"]?["requests"]?["tools"]?["call"]?.kind == .object
      listing.tools = try await entries("tools/list", "tools", "name", &listing.findings)
        .filter { isUsable($0, &listing.findings) }
    }
    if hello.offers("prompts") {
      listing.prompts = try await entries("prompts/list", "prompts", "name", &listing.findings)
    }
    if hello.offers("resources") {
      listing.offersResources = true
      listing.offersSubscriptions = hello.capabilities["resources"]?["subscribe"]?.bool == true
      listing.resources = try await entries("resources/list", "resources", "uri", &listing.findings)
      listing.templates = try await entries(
        "resources/templates/list", "resourceTemplates", "uriTemplate", &listing.findings)
    }
    return listing
  }

  private func entries(
    _ method: String, _ member: String, _ key: String, _ findings: inout [String]
  ) async throws -> [Listing.Entry] {
    var found: [Listing.Entry] = []
    var names: Set<String> = []
    var cursors: Set<String> = []
    var cursor: String?
    var bytes = 0
    var nameless = 0
    defer {
      if nameless > 0 {
        findings.append("\(method): \(nameless) entries without a \(key) of their own are left out")
      }
    }
    for _ in 0..<Self.mostPages {
      guard let (page, items) = try await page(of: method, member, cursor) else { return found }
      bytes += page.count
      guard bytes <= mostBytes else {
        findings.append("\(method): more than \(mostBytes) bytes; the rest is left out")
        return found
      }
      for item in items.elements {
        guard let name = item[key]?.string, !name.isEmpty, names.insert(name).inserted else {
          nameless += 1
          continue
        }
        guard found.count < Self.mostEntries else {
          findings.append("\(method): more than \(Self.mostEntries) entries; the rest is left out")
          return found
        }
        found.append(Listing.Entry(name: name, text: Icons.harmless(item)))
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

  /// Nil if the server does not know the method: many declare a capability and implement a part.
  private func page(
    of method: String, _ member: String, _ cursor: String?
  ) async throws -> (page: JSONText, items: JSONText)? {
    let params = cursor.map { JSONText(object: [("cursor", JSONText(string: $0))]) }
    let page: JSONText
    do {
      page = try await connection.request(method, params, within: deadline - .now)
    } catch let error as RPCError where error.code == RPCError.Code.methodNotFound.rawValue {
      return nil
    }
    guard let items = page[member], items.kind == .array else {
      throw Fault(
        .protocolViolation, from: .server,
        "\(connection.server) answered \(method) without \(member)")
    }
    return (page, items)
  }

  /// Clients refuse a whole list for one schema that is not an object, so the bad tool goes. So does
  /// one that a client over HTTP must not offer (MCP 2026-07-28, Custom Headers).
  private func isUsable(_ tool: Listing.Entry, _ findings: inout [String]) -> Bool {
    func leaveOut(_ reason: String) -> Bool {
      findings.append("tool \(PrintableText(tool.name)) is left out: \(reason)")
      return false
    }
    guard let schema = tool.text["inputSchema"], schema["type"]?.string == "object" else {
      return leaveOut("its inputSchema is not of type object")
    }
    guard connection.hasHeaders else { return true }
    do throws(MirroredParameters.Flaw) {
      _ = try MirroredParameters(schema: schema)
      return true
    } catch { return leaveOut(error.description) }
  }
}
