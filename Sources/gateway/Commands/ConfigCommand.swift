import ArgumentParser
import OperatorFiles
import Wire

/// `config …`: the values that servers are configured with.
struct ConfigCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config", abstract: "Read and write ~/.docker/mcp/config.yaml.",
    subcommands: [Read.self, Write.self, Reset.self])

  struct Read: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "read", abstract: "Print the configuration.")

    func run() throws {
      let text = try ServerConfiguration(mcpFolder: Invocation.current.mcpFolder()).text()
      if !text.isEmpty { Talk.data(String(decoding: text, as: UTF8.self)) }
    }
  }

  struct Write: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "write", abstract: "Replace the configuration.",
      discussion: """
        EXAMPLES
          gateway config write 'notes: {folder: /srv/notes}'
          gateway config write < config.yaml
        """)

    @Argument(help: "The whole new text; read from stdin if left out.") var text: String?

    func run() throws {
      let bytes = try text.map { Array($0.utf8) } ?? StandardInput.readAll()
      let configuration = try ServerConfiguration(mcpFolder: Invocation.current.mcpFolder())
      Talk.say(try configuration.write(bytes))
      Talk.say("Wrote \(configuration.path).")
    }
  }

  struct Reset: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "reset", abstract: "Empty the configuration.")

    func run() throws {
      try ServerConfiguration(mcpFolder: Invocation.current.mcpFolder()).reset()
      Talk.say("No server has a configuration now.")
    }
  }
}
