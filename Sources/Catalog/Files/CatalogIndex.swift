import Wire
import YAML

/// `catalog.json`: the names of the catalogs that were imported, each a file `NAME.yaml`.
public struct CatalogIndex: Sendable, Hashable {
  public var names: [String]

  public static func decode(
    _ bytes: [UInt8], source: String
  ) -> (index: CatalogIndex, problems: [Problem]) {
    var index = CatalogIndex(names: [])
    let problems = SettingsFile.read(bytes, source: source) { root, reader in
      guard let fields = reader.fields(root, "catalog.json") else { return }
      for entry in fields.entries("catalogs") ?? [] {
        // The name becomes a file's name: nothing that could lead out of the folder.
        guard Names.isFile(entry.key) else {
          reader.report(atKeyOf: entry, "\(entry.key.forMessage) cannot be the name of a catalog")
          continue
        }
        index.names.append(entry.key)
      }
      fields.reportUnknown(as: .warning)
    }
    return (index, problems)
  }
}
