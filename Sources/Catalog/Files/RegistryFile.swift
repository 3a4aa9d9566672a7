import Wire
import YAML

/// `registry.yaml`: the enabled servers are the keys of `registry`.
public struct RegistryFile: Sendable, Hashable {
  public struct Entry: Sendable, Hashable {
    public var server: String
    public var line: Int
    public var column: Int
  }

  public var entries: [Entry]

  /// What is wrong is reported; an error means that the file cannot be used.
  public static func decode(
    _ bytes: [UInt8], source: String
  ) -> (file: RegistryFile, problems: [Problem]) {
    var file = RegistryFile(entries: [])
    let problems = SettingsFile.read(bytes, source: source) { root, reader in
      guard let fields = reader.fields(root, "a registry file") else { return }
      let entries = fields.entries("registry") ?? []
      fields.reportUnknown(as: .warning)
      for entry in entries {
        check(entry, reader)
        file.entries.append(
          Entry(server: entry.key, line: entry.keyLine, column: entry.keyColumn))
      }
    }
    return (file, problems)
  }

  /// An entry may be empty; `ref` and `config` are accepted for Docker's sake and mean nothing.
  private static func check(_ entry: YAMLEntry, _ reader: YAMLReader) {
    guard !entry.value.isNull, let fields = reader.fields(entry.value, "an entry of registry")
    else { return }
    _ = fields.node("ref")
    _ = fields.node("config")
    fields.reportUnknown(as: .warning)
  }
}

/// What the small files have in common: one document, perhaps empty.
enum SettingsFile {
  static func read(
    _ bytes: [UInt8], source: String, _ body: (YAMLNode, YAMLReader) -> Void
  ) -> [Problem] {
    let reader = YAMLReader(source: source)
    do {
      if let root = try YAMLDocument(bytes, source: source).root { body(root, reader) }
    } catch {
      return [error]
    }
    return reader.takeProblems()
  }
}
