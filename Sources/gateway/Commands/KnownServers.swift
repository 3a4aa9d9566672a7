import Catalog
import OperatorFiles
import Wire
import YAML

/// The servers of all catalogs that are kept here, as `run` would take them.
struct KnownServers {
  private let index: CatalogIndexByName
  private let catalogProblems: [Problem]

  init(_ shelf: CatalogShelf) {
    let (documents, problems) = shelf.documents()
    catalogProblems = problems
    index = CatalogIndexByName(documents)
  }

  subscript(_ name: String) -> ServerDefinition? {
    if case .usable(let definition) = index[name] { definition } else { nil }
  }

  private var usable: [ServerDefinition] { index.names.compactMap { self[$0] } }

  /// Servers that have a tool of this name, sorted.
  func servers(withTool tool: String) -> [String] {
    usable.filter { $0.tools.contains { $0.name == tool } }.map(\.name)
  }

  /// Why a server cannot be used; nil if it can.
  func problem(_ name: String) -> Problem? {
    switch index[name] {
    case .usable: return nil
    case .unusable(let server):
      return server.problems.inReadingOrder.first
        ?? Problem(source: "server", "\"\(name.printable)\" is described wrongly")
    case nil: break
    }
    if let problem = catalogProblems.first(where: { $0.severity == .error }) { return problem }
    let known = usable.map(\.name)
    let hint =
      known.isEmpty
      ? "there is no catalog yet; add one with: catalog import URL|FILE"
      : NameSuggestion.hint(for: name, among: known) ?? "see what there is with: catalog show"
    return Problem(source: "server", "no catalog has a server \"\(name.printable)\"", hint: hint)
  }
}
