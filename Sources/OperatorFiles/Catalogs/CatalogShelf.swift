import Catalog
import Wire
import YAML

/// catalog.json and catalogs/NAME.yaml: the catalogs that the operator has.
public struct CatalogShelf: Sendable {
  /// Docker's own catalog: it is replaced by `catalog import`, never made or edited here.
  public static let reservedName = "docker-mcp"

  private let index: OperatorFile
  private let folder: String

  public init(mcpFolder: String) {
    index = OperatorFile("\(mcpFolder)/catalog.json")
    folder = "\(mcpFolder)/catalogs"
  }

  public var indexPath: String { index.path }
  public func path(of name: String) -> String { "\(folder)/\(name).yaml" }
  private func file(_ name: String) -> OperatorFile { OperatorFile(path(of: name)) }

  /// A catalog as catalog.json describes it.
  public struct Entry: Sendable, Hashable {
    public var name: String
    public var displayName: String?
    public var url: String?
    public var lastUpdate: String?
  }

  /// Docker's catalog is there as soon as its file is, listed or not.
  public func entries() throws(Problem) -> [Entry] {
    let listed =
      try JSONEdit(try index.read() ?? [], source: index.path, allowsComments: false)
      .value(["catalogs"])?.members ?? []
    var entries = listed.map { member in
      Entry(
        name: member.name, displayName: member.value["displayName"]?.string,
        url: member.value["url"]?.string, lastUpdate: member.value["lastUpdate"]?.string)
    }
    let hasDocker = entries.contains { $0.name == Self.reservedName }
    if !hasDocker, try FilePath.exists(path(of: Self.reservedName)) {
      entries.insert(Entry(name: Self.reservedName), at: 0)
    }
    return entries
  }

  /// What a catalog holds.
  public func document(_ name: String) throws(Problem) -> (CatalogDocument, [Problem]) {
    guard let bytes = try file(name).read() else { throw try missing(name) }
    return CatalogDocument.decode(bytes, from: .localFile(path: path(of: name)))
  }

  /// All catalogs that can be read, and what is wrong with the others.
  public func documents() -> ([CatalogDocument], [Problem]) {
    var documents: [CatalogDocument] = []
    var problems: [Problem] = []
    let entries: [Entry]
    do { entries = try self.entries() } catch { return ([], [error]) }
    for entry in entries {
      do throws(Problem) {
        let (document, found) = try document(entry.name)
        documents.append(document)
        problems += found
      } catch {
        // The others are read all the same.
        problems.append(error)
      }
    }
    return (documents, problems)
  }

  private func missing(_ name: String) throws(Problem) -> Problem {
    let known = try entries().map(\.name)
    let hint =
      known.isEmpty
      ? "there are none; add one with: catalog import URL|FILE"
      : "there are: \(known.joined(separator: ", "))"
    return Problem(source: "catalog", "there is no catalog \"\(name)\"", hint: hint)
  }
}

extension CatalogShelf {
  /// Makes an empty catalog.
  public func create(_ name: String) throws(Problem) {
    try checkName(name)
    guard try !entries().contains(where: { $0.name == name }), try !FilePath.exists(path(of: name))
    else { throw Problem(source: "catalog", "there is a catalog \"\(name)\" already") }
    let title = YAMLText.scalar(name)
    try file(name).edit { _ in Array("name: \(title)\ndisplayName: \(title)\nregistry: {}\n".utf8) }
    try list(Entry(name: name, displayName: name))
  }

  /// Keeps a copy of a catalog that was fetched or read; one of the same name is replaced, but by a
  /// fetched one only if it came from the same address: it chooses its name itself. Returns its name
  /// and the warnings about it.
  public func keep(
    _ bytes: [UInt8], from origin: String, isFetched: Bool, at time: String
  ) throws(Problem) -> (name: String, problems: [Problem]) {
    let shown = isFetched ? RemoteAddress.shown(origin) : origin
    let source: CatalogDocument.Source = isFetched ? .fetched(url: shown) : .localFile(path: shown)
    let (catalog, problems) = CatalogDocument.decode(bytes, from: source)
    try VerifiedEdit.check(problems)
    guard let name = catalog.name, Names.isFile(name) else {
      throw Problem(
        source: shown, "the catalog has no usable name",
        hint: "add a line such as name: my-catalog, of letters, digits and . _ -")
    }
    guard !catalog.servers.isEmpty || catalog.unusable.isEmpty else {
      throw catalog.unusable.flatMap(\.problems).inReadingOrder.first
        ?? Problem(source: shown, "no server in it can be used")
    }
    if isFetched { try refuseTakingOver(name, from: origin) }
    try file(name).edit { _ in bytes }
    try list(Entry(name: name, displayName: catalog.displayName, url: origin, lastUpdate: time))
    return (name, problems + warnings(catalog, keptAs: name, bytes, isFetched: isFetched))
  }

  private func refuseTakingOver(_ name: String, from origin: String) throws(Problem) {
    guard let present = try entries().first(where: { $0.name == name }), present.url != origin
    else { return }
    throw Problem(
      source: RemoteAddress.shown(origin),
      "it calls itself \"\(name)\", and there is another catalog of this name already",
      hint: "take that one away first: catalog rm \(name)")
  }

  /// What a catalog from the network may not have, its copy gets: whoever imports it has to know.
  private func warnings(
    _ catalog: CatalogDocument, keptAs name: String, _ bytes: [UInt8], isFetched: Bool
  ) -> [Problem] {
    let copy = CatalogDocument.decode(bytes, from: .localFile(path: path(of: name))).catalog
    let granted = isFetched ? Set(copy.servers.map(\.name)) : []
    return catalog.unusable.flatMap { server in
      server.problems.map { problem in
        var warning = problem.asWarning
        if granted.contains(server.name) {
          warning.hint =
            "the copy is yours and has it: take it out of \(path(of: name)) if unwanted"
        }
        return warning
      }
    }
  }

  /// Copies one server out of a catalog file into the catalog `name`.
  public func add(
    _ server: String, from path: String, to name: String, replacing: Bool
  ) throws(Problem) {
    try checkName(name)
    let node = try self.server(server, in: path)
    guard try FilePath.exists(self.path(of: name)) else { throw try missing(name) }
    let target = file(name)
    try target.edit { bytes throws(Problem) in
      var edit = try YAMLMappingEdit(bytes ?? [], source: target.path, under: "registry")
      let entry = YAMLText.entry(server, node)
      if try edit.entry(server) == nil {
        try edit.insert(entry)
      } else if replacing {
        try edit.replace(server, with: entry)
      } else {
        throw Problem(
          source: target.path, "there is a server \"\(server)\" already",
          hint: "replace it with --force")
      }
      return try VerifiedEdit.result(edit.bytes, in: target.path) { result in
        let check = try? YAMLMappingEdit(result, source: target.path, under: "registry")
        return (try? check?.entry(server))??.value.json == node.json
      }
    }
  }

  private func server(_ name: String, in path: String) throws(Problem) -> YAMLNode {
    guard let bytes = try OperatorFile(path).read() else {
      throw Problem(source: path, "there is no such file")
    }
    let (catalog, problems) = CatalogDocument.decode(bytes, from: .localFile(path: path))
    try VerifiedEdit.check(problems)
    let wrong = catalog.unusable.first { $0.name == name }?.problems ?? []
    try VerifiedEdit.check(wrong)
    guard case .mapping(let top)? = try YAMLDocument(bytes, source: path).root?.kind,
      case .mapping(let servers)? = top.first(where: { $0.key == "registry" })?.value.kind,
      let entry = servers.first(where: { $0.key == name })
    else {
      throw Problem(
        source: path, "there is no server \"\(name)\" in it",
        hint: NameSuggestion.hint(for: name, among: catalog.servers.map(\.name)))
    }
    return entry.value
  }

  /// Takes a catalog off the shelf.
  public func remove(_ name: String) throws(Problem) {
    guard try entries().contains(where: { $0.name == name }) else { throw try missing(name) }
    try index.edit { bytes throws(Problem) in
      guard let bytes else { return nil }
      var edit = try JSONEdit(bytes, source: index.path, allowsComments: false)
      return try edit.remove(["catalogs", name]) ? edit.bytes : nil
    }
    try file(name).remove()
  }

  private func list(_ entry: Entry) throws(Problem) {
    let members = [
      ("displayName", entry.displayName ?? entry.name), ("url", entry.url ?? ""),
      ("lastUpdate", entry.lastUpdate ?? ""),
    ]
    let value = JSONText(
      object: members.filter { !$0.1.isEmpty }.map { ($0.0, JSONText(string: $0.1)) })
    try index.edit { bytes throws(Problem) in
      var edit = try JSONEdit(bytes ?? [], source: index.path, allowsComments: false)
      try edit.set(["catalogs", entry.name], to: value)
      return edit.bytes
    }
  }

  private func checkName(_ name: String) throws(Problem) {
    guard name != Self.reservedName else {
      throw Problem(
        source: "catalog", "the name \(name) is reserved for Docker's catalog",
        hint: "choose another; catalog import fetches Docker's")
    }
    guard Names.isFile(name) else {
      throw Problem(
        source: "catalog", "\"\(name.prefix(80))\" cannot be a catalog's name",
        hint: "use letters, digits and . _ -")
    }
  }
}

extension Problem {
  /// The same, where it is no reason to stop.
  var asWarning: Problem {
    var problem = self
    problem.severity = .warning
    return problem
  }
}
