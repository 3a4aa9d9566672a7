import Wire
import YAML

/// All servers of several catalogs by name. A later catalog wins, but one from the network never over
/// a local file: whoever can change what an address answers could otherwise take the place of a
/// server that the operator described, with the secrets that are kept under its name.
public struct CatalogIndexByName: Sendable {
  /// What the catalog that counts says of a server.
  public enum Entry: Sendable {
    case usable(ServerDefinition)
    /// Also wins over an earlier usable one: what counts is the operator's order, not luck.
    case unusable(UnusableServer)
  }

  private var entries: [String: Entry] = [:]
  private var origins: [String: CatalogDocument] = [:]
  /// One warning for each server that several catalogs describe.
  private(set) var conflicts: [Problem] = []

  /// - Parameter catalogs: the last one wins.
  public init(_ catalogs: [CatalogDocument]) {
    for catalog in catalogs {
      let described =
        catalog.servers.map { ($0.name, Entry.usable($0)) }
        + catalog.unusable.map { ($0.name, Entry.unusable($0)) }
      for (name, entry) in described.sorted(by: { $0.0 < $1.0 }) {
        take(name, entry, from: catalog)
      }
    }
  }

  private mutating func take(_ name: String, _ entry: Entry, from catalog: CatalogDocument) {
    if let earlier = origins[name] {
      let isRefused = catalog.isFetched && !earlier.isFetched
      conflicts.append(
        isRefused
          ? Problem(
            .warning, source: catalog.source,
            "server \(name.forMessage) is not taken from here: a catalog from the network never "
              + "replaces a server of a local one, \(earlier.source)",
            hint: "take it out of the local catalog to use this one")
          : Problem(
            .warning, source: catalog.source,
            "server \(name.forMessage) replaces the one of \(earlier.source)"))
      if isRefused { return }
    }
    entries[name] = entry
    origins[name] = catalog
  }

  /// Nil where no catalog describes a server of this name.
  public subscript(_ name: String) -> Entry? { entries[name] }

  func contains(_ name: String) -> Bool { entries[name] != nil }

  /// Sorted.
  public var names: [String] { entries.keys.sorted() }
}
