import Wire

/// What clients see and where each name leads: an immutable snapshot over all servers, rebuilt whole
/// when a server's listing changes.
public final class Directory: Sendable {
  /// The server behind an exposed name, and its own name there.
  public struct Route: Sendable, Hashable {
    public let server: String
    public let name: String
  }

  /// What an exposed name leads to.
  public enum Lookup: Sendable, Hashable {
    case route(Route)
    /// Several servers have it; these are the names to use instead.
    case ambiguous([String])
    /// A server has it, and the operator's tool filter leaves it out.
    case disabled(server: String)
    case unknown
  }

  /// The results of the list methods, ready to send.
  let toolPages: ListPages
  /// The same for clients of the handshake era, whose schema of a tool wants an output schema to
  /// describe an object; one of them may refuse the whole list for one that does not.
  let handshakeToolPages: ListPages
  let promptPages: ListPages
  let resourcePages: ListPages
  let templatePages: ListPages
  /// What was left out, for people.
  let findings: [String]

  private let tools: NameTable
  /// By exposed names, for the few tools that have some.
  private let mirrored: [String: MirroredParameters]
  /// Tools that are not listed, by their servers' own names.
  private let disabledTools: [String: String]
  private let prompts: NameTable
  private let resources: [String: [Route]]
  /// The digest of what the client was shown of a route's tool, prompt or resource.
  private let resourceDigests: [Route: String]
  private let templates: [(template: URITemplate, text: String, server: String)]

  /// - Parameter lists: whether a server's tool may be shown.
  init(_ listings: [String: Listing], lists: (_ server: String, _ tool: String) -> Bool) {
    let ordered = listings.sorted { $0.key < $1.key }
    let servers = Set(listings.keys)
    func named(_ kind: KeyPath<Listing, [Listing.Entry]>) -> [(String, Listing.Entry)] {
      ordered.flatMap { server, listing in listing[keyPath: kind].map { (server, $0) } }
    }
    tools = NameTable(named(\.tools).filter { lists($0.0, $0.1.name) }, servers: servers)
    mirrored = tools.mirrored
    disabledTools = Dictionary(
      named(\.tools).filter { !lists($0.0, $0.1.name) }.map { ($0.1.name, $0.0) },
      uniquingKeysWith: { first, _ in first })
    prompts = NameTable(named(\.prompts), servers: servers)
    toolPages = ListPages("tools", tools.texts)
    let translated = tools.texts.map(\.forHandshake)
    handshakeToolPages = translated == tools.texts ? toolPages : ListPages("tools", translated)
    promptPages = ListPages("prompts", prompts.texts)

    let resources = Dictionary(grouping: named(\.resources)) { $0.1.name }
    resourcePages = ListPages(
      "resources",
      named(\.resources).map { server, entry in
        (resources[entry.name]?.count ?? 0) > 1
          ? entry.text.setting(
            "uri", to: JSONText(string: QualifiedURI.make(server: server, uri: entry.name)))
          : entry.text
      })
    self.resources = resources.mapValues { $0.map { Route(server: $0.0, name: $0.1.name) } }
    resourceDigests = Dictionary(
      named(\.resources).map { (Route(server: $0, name: $1.name), $1.digest) },
      uniquingKeysWith: { first, _ in first })

    var unreadable: [String] = []
    templates = named(\.templates).compactMap { server, entry in
      guard let template = URITemplate(entry.name) else {
        unreadable.append(
          "\(server): resource template \(PrintableText(entry.name)) cannot be read")
        return nil
      }
      return (template, entry.name, server)
    }
    let readable = Set(templates.map { Route(server: $0.server, name: $0.text) })
    templatePages = ListPages(
      "resourceTemplates",
      named(\.templates)
        .filter { readable.contains(Route(server: $0.0, name: $0.1.name)) }.map(\.1.text))
    findings = tools.findings + prompts.findings + unreadable
  }

  /// All tools as clients see them.
  var toolsList: JSONText { toolPages.whole }

  func tool(_ exposed: String) -> Lookup {
    let found = tools.find(exposed)
    guard found == .unknown, let server = disabledTools[exposed] else { return found }
    return .disabled(server: server)
  }
  /// The arguments of an exposed tool that clients repeat in headers; nil if there are none.
  func mirroredParameters(of tool: String) -> MirroredParameters? { mirrored[tool] }

  /// The same for a server's own tool.
  func mirroredParameters(of tool: String, server: String) -> MirroredParameters? {
    guard !mirrored.isEmpty else { return nil }
    let own = Route(server: server, name: tool)
    return mirrored.first { self.tool($0.key) == .route(own) }?.value
  }

  func prompt(_ exposed: String) -> Lookup { prompts.find(exposed) }

  /// The digest of the definition that clients are shown of what a call asks for.
  func definition(of route: Route, _ method: Call.Method) -> String? {
    switch method {
    case .callTool, .getTask, .taskResult, .cancelTask: tools.digests[route]
    case .getPrompt: prompts.digests[route]
    case .readResource, .subscribe, .unsubscribe: resourceDigests[route]
    case .complete: nil
    }
  }

  /// The server that a URI belongs to: listed, qualified, or made from a template of one server.
  func resource(_ uri: String) -> Lookup {
    if let routes = resources[uri] {
      return routes.count == 1
        ? .route(routes[0])
        : .ambiguous(routes.map { QualifiedURI.make(server: $0.server, uri: $0.name) })
    }
    if let (server, own) = QualifiedURI.split(uri),
      resources[own]?.contains(Route(server: server, name: own)) == true
    {
      return .route(Route(server: server, name: own))
    }
    let owners = Set(templates.filter { $0.template.matches(uri) }.map(\.server)).sorted()
    switch owners.count {
    case 0: return .unknown
    case 1: return .route(Route(server: owners[0], name: uri))
    default: return .ambiguous(owners.map { "\(uri) (template of \($0))" })
    }
  }

  /// The server that lists a template with exactly this text, for completions.
  func template(_ text: String) -> Lookup {
    let owners = templates.filter { $0.text == text }.map(\.server)
    switch owners.count {
    case 0: return resource(text)
    case 1: return .route(Route(server: owners[0], name: text))
    default: return .ambiguous(owners)
    }
  }
}

/// Exposed names of one kind.
private struct NameTable: Sendable {
  private var routes: [String: Directory.Route] = [:]
  private var aliases: [String: [String]] = [:]
  private(set) var texts: [JSONText] = []
  private(set) var digests: [Directory.Route: String] = [:]
  private(set) var findings: [String] = []
  private(set) var mirrored: [String: MirroredParameters] = [:]

  init(_ entries: [(server: String, entry: Listing.Entry)], servers: Set<String>) {
    let names = ExposedNames.assign(
      entries.map { .init(server: $0.server, name: $0.entry.name) }, servers: servers)
    for ((server, entry), name) in zip(entries, names) {
      let own = PrintableText(entry.name)
      guard let name else {
        findings.append("\(server): \(own) is left out: no name for it is free")
        continue
      }
      let route = Directory.Route(server: server, name: entry.name)
      routes[name] = route
      digests[route] = entry.digest
      // With a flawed annotation no client repeats anything.
      mirrored[name] = entry.text["inputSchema"].flatMap { try? MirroredParameters(schema: $0) }
      guard name != entry.name else {
        texts.append(entry.text)
        continue
      }
      aliases[entry.name, default: []].append(name)
      findings.append("\(server): \(own) is exposed as \(name)")
      texts.append(entry.text.setting("name", to: JSONText(string: name)))
    }
  }

  func find(_ exposed: String) -> Directory.Lookup {
    if let route = routes[exposed] { return .route(route) }
    if let names = aliases[exposed] { return .ambiguous(names) }
    return .unknown
  }
}

/// How a resource is named when several servers list the same URI.
enum QualifiedURI {
  private static let scheme = "mcp-gateway+"

  /// `mcp-gateway+SERVER:URI`
  static func make(server: String, uri: String) -> String { "\(scheme)\(server):\(uri)" }

  static func split(_ uri: String) -> (server: String, uri: String)? {
    guard uri.hasPrefix(scheme) else { return nil }
    let rest = uri.dropFirst(scheme.count)
    guard let colon = rest.firstIndex(of: ":") else { return nil }
    return (String(rest[..<colon]), String(rest[rest.index(after: colon)...]))
  }
}

extension JSONText {
  /// A tool as revisions before 2026-07-28 know it. Its results lose their structured content too
  /// where that is no object (``StatelessResult/forHandshake(_:)``).
  fileprivate var forHandshake: JSONText {
    guard let schema = self["outputSchema"], schema["type"]?.string != "object" else { return self }
    return setting("outputSchema", to: nil)
  }
}
