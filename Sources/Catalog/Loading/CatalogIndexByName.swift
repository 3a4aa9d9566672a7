import Wire
import YAML

/// All servers of several catalogs by name, the later catalog winning.
struct CatalogIndexByName {
  enum Entry {
    case usable(ServerDefinition)
    /// Also wins over an earlier usable one: what counts is the operator's order, not luck.
    case unusable(UnusableServer, source: String)
  }

  private var entries: [String: Entry] = [:]
  /// One warning for each server that a later catalog replaced.
  private(set) var replacements: [Problem] = []

  init(_ catalogs: [CatalogDocument]) {
    var sources: [String: String] = [:]
    for catalog in catalogs {
      for definition in catalog.servers { entries[definition.name] = .usable(definition) }
      for server in catalog.unusable {
        entries[server.name] = .unusable(server, source: catalog.source)
      }
      for name in (catalog.servers.map(\.name) + catalog.unusable.map(\.name)).sorted() {
        guard let earlier = sources.updateValue(catalog.source, forKey: name) else { continue }
        replacements.append(
          Problem(
            .warning, source: catalog.source,
            "server \(name.forMessage) replaces the one of \(earlier)"))
      }
    }
  }

  subscript(_ name: String) -> Entry? { entries[name] }

  func contains(_ name: String) -> Bool { entries[name] != nil }

  var names: [String] { entries.keys.sorted() }
}
