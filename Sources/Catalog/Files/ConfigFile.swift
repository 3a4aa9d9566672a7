import Wire
import YAML

/// `config.yaml`: one section of values for each server.
public struct ConfigFile: Sendable, Hashable {
  public struct Section: Sendable, Hashable {
    public var server: String
    /// An object.
    public var values: JSONText
    public var line: Int
  }

  public var sections: [Section]

  public static func decode(
    _ bytes: [UInt8], source: String
  ) -> (file: ConfigFile, problems: [Problem]) {
    var file = ConfigFile(sections: [])
    let problems = SettingsFile.read(bytes, source: source) { root, reader in
      for entry in reader.entries(root, "a config file") ?? [] where !entry.value.isNull {
        guard reader.entries(entry.value, "the section of a server") != nil else { continue }
        file.sections.append(
          Section(server: entry.key, values: entry.value.json, line: entry.keyLine))
      }
    }
    return (file, problems)
  }
}
