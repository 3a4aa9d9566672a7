import Catalog
import OperatorFiles
import Wire
import YAML

/// The servers of all catalogs; on the same name the later catalog wins.
struct KnownServers {
  private let servers: [String: ServerDefinition]
  private let unusable: [String: [Problem]]
  private let catalogProblems: [Problem]

  init(_ shelf: CatalogShelf) {
    let (documents, problems) = shelf.documents()
    catalogProblems = problems
    servers = Dictionary(documents.flatMap(\.servers).map { ($0.name, $0) }) { $1 }
    unusable = Dictionary(documents.flatMap(\.unusable).map { ($0.name, $0.problems) }) { $1 }
  }

  subscript(_ name: String) -> ServerDefinition? { servers[name] }

  /// Servers that have a tool of this name, sorted.
  func servers(withTool tool: String) -> [String] {
    servers.values.filter { $0.tools.contains { $0.name == tool } }.map(\.name).sorted()
  }

  /// Why a server cannot be used; nil if it can.
  func problem(_ name: String) -> Problem? {
    if servers[name] != nil { return nil }
    if let problem = unusable[name]?.inReadingOrder.first { return problem }
    if let problem = catalogProblems.first(where: { $0.severity == .error }) { return problem }
    let hint =
      servers.isEmpty
      ? "there is no catalog yet; add one with: catalog import URL|FILE"
      : NameSuggestion.hint(for: name, among: servers.keys)
        ?? "see what there is with: catalog show"
    return Problem(source: "server", "no catalog has a server \"\(name.printable)\"", hint: hint)
  }
}
