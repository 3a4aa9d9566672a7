import Gateway
import Wire

/// How the program introduces itself to the docker CLI.
enum PluginMetadata {
  static let text = JSONText(object: [
    ("SchemaVersion", JSONText(string: "0.1.0")),
    ("Vendor", JSONText(string: "gateway project")),
    ("Version", JSONText(string: Version.current)),
    ("ShortDescription", JSONText(string: "Run MCP servers in containers behind one gateway")),
  ]).description
}
