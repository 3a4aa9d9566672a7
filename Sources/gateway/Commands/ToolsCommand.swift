import ArgumentParser
import Gateway
import OperatorFiles
import Wire

/// `tools …`: see and try what a client would see.
struct ToolsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tools", abstract: "List, inspect and call tools; switch them on and off.",
    discussion: """
      ls, count, inspect and call start the enabled servers as "gateway run" would and end them \
      again. They take its flags, directly or as --gateway-arg.

      EXAMPLES
        gateway tools ls --servers time
        gateway tools call get_time timezone=UTC
        gateway tools call search --args '{"limit": 3}'
        gateway tools disable delete_all --server notes
      """,
    subcommands: [
      List.self, Count.self, Inspect.self, Call.self, Enable.self, Disable.self,
    ])

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "ls", abstract: "List the tools that a client would see.",
      discussion: "JSON: an array of the tools as MCP describes them.", aliases: ["list"])

    @OptionGroup var output: FormatOptions
    @OptionGroup var gateway: OneShotOptions

    func run() async throws {
      let tools = try await gateway.listTools()
      let lines = tools.map { "- \($0.toolName)\($0.toolSummary.map { " - \($0)" } ?? "")" }
      output.print(list: ["\(tools.count) tools:"] + lines, json: JSONText(array: tools))
    }
  }

  struct Count: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "count", abstract: "Count the tools that a client would see.",
      discussion: "JSON: {count}.")

    @OptionGroup var output: FormatOptions
    @OptionGroup var gateway: OneShotOptions

    func run() async throws {
      let count = try await gateway.listTools().count
      output.print(list: ["\(count) tools"], json: JSONText(object: [("count", JSONText(count))]))
    }
  }

  struct Inspect: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "inspect", abstract: "Show a tool with its schema, as JSON.")

    @Argument(help: "Name of the tool.") var name: String
    @OptionGroup var gateway: OneShotOptions

    func run() async throws {
      let tools = try await gateway.listTools()
      guard let tool = tools.first(where: { $0.toolName == name }) else {
        throw CommandFailure("there is no tool \"\(name)\"; see: tools ls")
      }
      Talk.data(tool.description)
    }
  }

  struct Enable: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "enable", abstract: "Offer tools again.",
      discussion: "Edits ~/.docker/mcp/tools.yaml. A server without a list there offers all.")

    @OptionGroup var choice: ToolChoice

    func run() throws {
      try choice.forEachServer { server, tools, file, _ throws(Problem) in
        let added = try file.enable(tools, of: server)
        for tool in tools {
          Talk.say("\(server):\(tool): \(added.contains(tool) ? "enabled" : "was enabled already")")
        }
      }
    }
  }

  struct Disable: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "disable", abstract: "Do not offer tools any more.",
      discussion: "Edits ~/.docker/mcp/tools.yaml.")

    @OptionGroup var choice: ToolChoice

    func run() throws {
      try choice.forEachServer { server, tools, file, all throws(Problem) in
        if try file.tools(of: server) == nil, all.isEmpty {
          throw Problem(
            source: "tools", "no catalog says which tools \(server) has besides",
            hint: "write the ones to keep into \(file.path)")
        }
        let removed = try file.disable(tools, of: server, all: all)
        for tool in tools {
          Talk.say("\(server):\(tool): \(removed.contains(tool) ? "disabled" : "was not enabled")")
        }
      }
    }
  }
}

/// Tools, and the server they belong to.
struct ToolChoice: ParsableArguments {
  @Argument(help: "Names of tools, as the server calls them.") var names: [String]
  @Option(help: "The server; found through the catalogs if left out.") var server: String?

  /// Calls `body` once for each server, with its tools and all that the catalogs know of it.
  func forEachServer(
    _ body: (String, [String], OfferedTools, _ all: [String]) throws(Problem) -> Void
  ) throws {
    let folder = try Invocation.current.mcpFolder()
    let known = KnownServers(CatalogShelf(mcpFolder: folder))
    let owners = try names.map { try (tool: $0, server: owner(of: $0, known)) }
    for server in Set(owners.map(\.server)).sorted() {
      let tools = owners.filter { $0.server == server }.map(\.tool)
      let all = known[server]?.tools.map(\.name) ?? []
      try body(server, tools, OfferedTools(mcpFolder: folder), all)
    }
  }

  private func owner(of tool: String, _ known: KnownServers) throws(Problem) -> String {
    if let server {
      if let problem = known.problem(server) { throw problem }
      return server
    }
    let owners = known.servers(withTool: tool)
    guard let owner = owners.first else {
      throw Problem(
        source: "tools", "no catalog says which server has a tool \"\(tool.printable)\"",
        hint: "name the server with --server")
    }
    guard owners.count == 1 else {
      throw Problem(
        source: "tools",
        "several servers have a tool \"\(tool)\": \(owners.joined(separator: ", "))",
        hint: "name one with --server")
    }
    return owner
  }
}

extension JSONText {
  /// Of a tool as MCP describes it.
  var toolName: String { self["name"]?.string ?? "" }

  /// The title, or the first sentence of the description.
  var toolSummary: String? {
    let title = self["annotations"]?["title"]?.string ?? self["title"]?.string
    return title ?? self["description"]?.string?.firstSentence
  }
}
