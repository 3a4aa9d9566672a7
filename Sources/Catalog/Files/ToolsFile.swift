import Wire
import YAML

/// `tools.yaml`: the tools that a server may offer; a server that is not in it offers all.
public struct ToolsFile: Sendable, Hashable {
  public struct AllowList: Sendable, Hashable {
    public var server: String
    public var tools: [String]
    public var line: Int
  }

  public var lists: [AllowList]

  public static func decode(
    _ bytes: [UInt8], source: String
  ) -> (file: ToolsFile, problems: [Problem]) {
    var file = ToolsFile(lists: [])
    let problems = SettingsFile.read(bytes, source: source) { root, reader in
      for entry in reader.entries(root, "a tools file") ?? [] {
        if entry.value.isNull {
          reader.report(
            .warning, atKeyOf: entry, "\(entry.key.forMessage) has no list, so none of its tools",
            hint: "write [] for none, or take the line out for all")
        }
        let tools = entry.value.isNull ? [] : reader.strings(entry.value, "the tools of a server")
        file.lists.append(
          AllowList(server: entry.key, tools: tools ?? [], line: entry.keyLine))
      }
    }
    return (file, problems)
  }
}
