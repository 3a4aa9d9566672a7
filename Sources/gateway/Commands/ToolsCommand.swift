import ArgumentParser

/// `tools …`: see and try what a client would see.
struct ToolsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tools", abstract: "List, inspect and call tools; switch them on and off.",
    subcommands: [])
}
