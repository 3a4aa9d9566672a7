import ArgumentParser
import Catalog
import Glibc
import OperatorFiles
import Wire

/// `secret …`: values that servers get and nobody else sees.
struct SecretCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "secret", abstract: "Keep secrets for servers.",
    discussion: """
      They are kept by the docker CLI's credential helper where ~/.docker/config.json names one \
      (credsStore), and otherwise in ~/.docker/mcp/secrets, readable by nobody else. A running \
      gateway finds them through --secrets docker-desktop, the default.

      EXAMPLES
        gateway secret set notes.api_key             asks for the value
        gateway secret set notes.api_key < key.txt   reads it from a file
      """,
    subcommands: [Set.self, List.self, Remove.self])

  struct Set: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "set", abstract: "Store a secret.")

    @Argument(
      help: ArgumentHelp(
        "Name of the secret; NAME=VALUE works too, but shows the value to every process.",
        valueName: "name"))
    var assignment: String

    func run() async throws {
      let parts = assignment.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = try SecretName(parts.first.map(String.init) ?? "")
      let value = try parts.count > 1 ? visible(String(parts[1])) : asked(name)
      guard !value.exposed.isEmpty else {
        throw CommandFailure("no value was given", .usageOrConfiguration)
      }
      let store = try Invocation.current.secretStore()
      try await store.set(name, to: value)
      Talk.say("Stored \(name.text) in \(store.title).")
    }

    private func visible(_ value: String) -> Secret {
      Talk.say(
        "warning: a value on the command line can be seen by other processes and is kept by the "
          + "shell; leave it out to be asked")
      return Secret(value)
    }

    private func asked(_ name: SecretName) throws -> Secret {
      if isatty(0) == 1 { return try Secret(HiddenInput.ask("Value of \(name.text): ")) }
      let bytes = try StandardInput.readAll()
      guard var text = String(validating: bytes, as: UTF8.self) else {
        throw CommandFailure("the value is not UTF-8 text", .usageOrConfiguration)
      }
      // What `echo` and editors add is not meant.
      if text.hasSuffix("\n") { text.removeLast() }
      return Secret(text)
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "ls", abstract: "List the names of the secrets.",
      discussion: "JSON: an array of {name}.", aliases: ["list"])

    @OptionGroup var output: FormatOptions

    func run() async throws {
      let names = try await Invocation.current.secretStore().names().map(\.text)
      if names.isEmpty { Talk.say("There is no secret. Store one with: secret set NAME") }
      let json = JSONText(array: names.map { JSONText(object: [("name", JSONText(string: $0))]) })
      output.print(list: names, json: json)
    }
  }

  struct Remove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "rm", abstract: "Remove secrets.")

    @Argument(help: "Names of secrets.") var names: [String]

    func run() async throws {
      let names = try names.map { try SecretName($0) }
      let store = try Invocation.current.secretStore()
      var missing: [String] = []
      for name in names where try await !store.remove(name) { missing.append(name.text) }
      guard missing.isEmpty else {
        throw CommandFailure("there is no secret \(missing.joined(separator: ", "))")
      }
    }
  }
}
