/// A server of a test's catalog.
struct ServerEntry: Sendable {
  let name: String
  /// Its fields, as in a catalog file, written in YAML's JSON form.
  var fields: [String: JSON]

  /// The well-behaved server with some options.
  static func everything(_ name: String, _ options: String..., longLived: Bool = false) -> Self {
    var entry = program("everything.py", name: name, ["--name", name] + options)
    if longLived { entry.fields["longLived"] = true }
    return entry
  }

  /// A server with only the tools tool1, tool2, … that a test can tell apart by their answers.
  static func plain(_ name: String, tools: Int) -> Self {
    everything(name, "--plain", "\(tools)")
  }

  static func hostile(_ name: String, _ mode: String, longLived: Bool = false) -> Self {
    var entry = program("hostile.py", name: name, [mode])
    if longLived { entry.fields["longLived"] = true }
    return entry
  }

  static func image(_ image: String, name: String, command: [String] = []) -> Self {
    let command = JSON.array(command.map { .string($0) })
    return Self(
      name: name, fields: ["type": "server", "image": .string(image), "command": command])
  }

  private static func program(_ file: String, name: String, _ arguments: [String]) -> Self {
    image("mcp-gateway-test/servers:1", name: name, command: ["/srv/\(file)"] + arguments)
  }

  func with(_ key: String, _ value: JSON) -> Self {
    var copy = self
    copy.fields[key] = value
    return copy
  }

  static func catalog(_ entries: [ServerEntry]) -> String {
    entries.reduce(into: "name: test\ndisplayName: Test\nregistry:\n") { text, entry in
      text += "  \(entry.name): \(JSON.object(entry.fields).text)\n"
    }
  }

  static func registry(_ names: [String]) -> String {
    names.reduce(into: "registry:\n") { $0 += "  \($1):\n    ref: \"\"\n" }
  }
}
