import Gateway
import Wire

/// The words after the program's name, with what the docker CLI puts in front taken off.
///
/// As a plugin we are started as `docker-mcp [docker's own options] mcp WORDS…`. The word `mcp` is
/// accepted in front in every form, so that both spellings of a command line work.
struct PluginArguments: Equatable {
  var words: [String]
  var docker = DockerChoice()
  var problems: [Problem] = []

  static let metadataWord = "docker-cli-plugin-metadata"

  /// The name the docker CLI looks for.
  static func isPlugin(programName: String) -> Bool {
    programName.split(separator: "/").last == "docker-mcp"
  }

  init(_ arguments: [String]) {
    words = arguments
    var reader = DockerOptions(arguments)
    while reader.takeOption() {}
    switch reader.rest.first {
    case "mcp":
      words = Array(reader.rest.dropFirst())
    case "help" where reader.rest.dropFirst().first == "mcp":
      words = ["help"] + reader.rest.dropFirst(2)
    default:
      return
    }
    docker = reader.choice
    problems = reader.problems
  }
}

/// The docker CLI's global options, of which we must know which take a value: in
/// `docker --context mcp mcp run` the first `mcp` is one.
private struct DockerOptions {
  private(set) var rest: ArraySlice<String>
  private(set) var choice = DockerChoice()
  private(set) var problems: [Problem] = []

  init(_ arguments: [String]) { rest = arguments[...] }

  private static let toggles: Set<String> = ["debug", "tls", "tlsverify"]
  private static let long: Set<String> = [
    "config", "context", "host", "log-level", "tlscacert", "tlscert", "tlskey",
  ]
  private static let short: [Character: String] = ["c": "context", "H": "host", "l": "log-level"]

  /// Takes one option off the front; false where none stands.
  mutating func takeOption() -> Bool {
    guard let word = rest.first else { return false }
    if word.hasPrefix("--") { return takeLong(word.dropFirst(2)) }
    if word.hasPrefix("-"), word.count > 1 { return takeShort(word.dropFirst()) }
    return false
  }

  private mutating func takeLong(_ text: Substring) -> Bool {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard let name = parts.first.map(String.init) else { return false }
    let value = parts.count > 1 ? String(parts[1]) : nil
    if Self.toggles.contains(name) {
      rest.removeFirst()
      note(name, value ?? "true")
      return true
    }
    guard Self.long.contains(name) else { return false }
    rest.removeFirst()
    guard let value = value ?? rest.popFirst() else { return false }
    note(name, value)
    return true
  }

  /// A cluster such as `-DH unix:///x` or `-cremote`.
  private mutating func takeShort(_ cluster: Substring) -> Bool {
    let options = cluster.drop { $0 == "D" }
    guard let letter = options.first else {
      rest.removeFirst()
      return true
    }
    guard let name = Self.short[letter] else { return false }
    rest.removeFirst()
    let attached = options.dropFirst()
    let value = attached.first == "=" ? attached.dropFirst() : attached
    guard let value = value.isEmpty ? rest.popFirst() : String(value) else { return false }
    note(name, value)
    return true
  }

  private mutating func note(_ name: String, _ value: String) {
    switch name {
    case "host" where choice.host != nil:
      problems.append(Problem(source: "--host", "docker's --host is given twice"))
    case "host": choice.host = value
    case "context": choice.context = value
    case "config": choice.configFolder = value
    case "tls", "tlsverify", "tlscacert", "tlscert", "tlskey":
      noteTLS(name, value)
    default: break
    }
  }

  /// Talking in the clear to an engine for which the operator asked for TLS would be the worst
  /// answer.
  private mutating func noteTLS(_ name: String, _ value: String) {
    if Self.toggles.contains(name), ["false", "0", "f", "F", "FALSE", "False"].contains(value) {
      return
    }
    problems.append(
      Problem(
        source: "--\(name)", "TLS to the engine is not supported",
        hint: "forward the engine's socket: ssh -L ./docker.sock:/var/run/docker.sock HOST"))
  }
}
