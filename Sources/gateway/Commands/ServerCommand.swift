import ArgumentParser
import Catalog
import OperatorFiles
import Wire

/// `server …`: which servers are enabled.
struct ServerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "server", abstract: "Enable and disable servers.",
    discussion: "They are kept in ~/.docker/mcp/registry.yaml.",
    subcommands: [List.self, Enable.self, Disable.self, Inspect.self, Reset.self])

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "ls", abstract: "List the enabled servers.",
      discussion: "JSON: an array of names.", aliases: ["list"])

    @OptionGroup var output: FormatOptions
    @Flag(help: "The same as --format json.") var json = false

    func run() throws {
      let names = try EnabledServers(mcpFolder: Invocation.current.mcpFolder()).names()
      if names.isEmpty { Talk.say("No server is enabled. Enable one with: server enable NAME") }
      var output = output
      if json { output.format = .json }
      output.print(
        list: names.isEmpty ? [] : [names.joined(separator: ", ")], json: JSONText(strings: names))
    }
  }

  struct Enable: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "enable", abstract: "Enable servers of the catalogs.", aliases: ["add"])

    @Argument(help: "Names of servers.") var names: [String]

    func run() throws {
      let folder = try Invocation.current.mcpFolder()
      let known = KnownServers(CatalogShelf(mcpFolder: folder))
      try CommandFailure.check(names.compactMap(known.problem))
      let added = try EnabledServers(mcpFolder: folder).enable(names)
      for name in names {
        Talk.say("\(name): \(added.contains(name) ? "enabled" : "was enabled already")")
      }
    }
  }

  struct Disable: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "disable", abstract: "Disable servers.", aliases: ["rm"])

    @Argument(help: "Names of servers.") var names: [String]

    func run() throws {
      let removed = try EnabledServers(mcpFolder: Invocation.current.mcpFolder()).disable(names)
      for name in names {
        Talk.say("\(name): \(removed.contains(name) ? "disabled" : "was not enabled")")
      }
    }
  }

  struct Reset: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "reset", abstract: "Disable all servers.")

    func run() throws {
      try EnabledServers(mcpFolder: Invocation.current.mcpFolder()).reset()
      Talk.say("No server is enabled now.")
    }
  }

  struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "inspect", abstract: "Show what the catalogs say about a server, as JSON.",
      discussion: "JSON: name, title, description, images, tools (name, description, enabled), "
        + "secrets, readme; members without a value are left out.")

    @Argument(help: "Name of a server.") var name: String

    func run() throws {
      let folder = try Invocation.current.mcpFolder()
      let known = KnownServers(CatalogShelf(mcpFolder: folder))
      guard let server = known[name] else {
        throw CommandFailure(known.problem(name).map { [$0] } ?? [])
      }
      let offered = try OfferedTools(mcpFolder: folder).tools(of: name)
      Talk.data(server.json(offered: offered).description)
    }
  }
}

extension ServerDefinition {
  fileprivate func json(offered: [String]?) -> JSONText {
    let tools = tools.map { tool in
      JSONText(present: [
        ("name", JSONText(string: tool.name)), ("description", tool.description.json),
        ("enabled", JSONText(offered?.contains(tool.name) ?? true)),
      ])
    }
    return JSONText(present: [
      ("name", JSONText(string: name)), ("title", title.json), ("description", description.json),
      ("images", JSONText(strings: images)), ("tools", JSONText(array: tools)),
      ("secrets", JSONText(strings: secrets.map(\.secretName))),
      ("readme", details.first { $0.name == "readme" }?.value),
    ])
  }
}
