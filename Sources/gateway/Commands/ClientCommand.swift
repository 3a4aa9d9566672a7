import ArgumentParser
import FoundationEssentials
import OperatorFiles
import Wire

/// `client …`: which MCP clients use the gateway.
struct ClientCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "client", abstract: "Make MCP clients use the gateway.",
    discussion: """
      Clients: \(MCPClient.allCases.map(\.rawValue).joined(separator: ", ")).

      EXAMPLES
        gateway client connect cursor       this project
        gateway client connect cursor -g    everything I do
        gateway client ls -g
      """,
    subcommands: [List.self, Connect.self, Disconnect.self])

  struct ScopeOptions: ParsableArguments {
    @Flag(name: .shortAndLong, help: "The client's own configuration, not this project's.")
    var global = false
    var scope: MCPClient.Scope { global ? .global : .project }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "ls", abstract: "List the clients and whether they use the gateway.",
      discussion: "JSON: an array of {name, title, scope, path, connected, problem}.",
      aliases: ["list"])

    @OptionGroup var place: ScopeOptions
    @OptionGroup var output: FormatOptions
    @Flag(help: "The same as --format json.") var json = false

    func run() throws {
      let places = try Invocation.current.clientPlaces()
      let states = MCPClient.allCases.compactMap { client in
        ClientConnection(client, place.scope, in: places).map(ClientState.init)
      }
      var output = output
      if json { output.format = .json }
      output.print(list: states.map(\.line), json: JSONText(array: states.map(\.json)))
    }
  }

  struct Connect: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "connect", abstract: "Make a client start the gateway.")

    @Argument(help: "Name of the client.") var name: String
    @OptionGroup var place: ScopeOptions
    @Flag(name: .shortAndLong, help: "Say nothing.") var quiet = false

    func run() throws {
      let connection = try ClientCommand.connection(name, place.scope)
      let isNew = try connection.connect(Invocation.current.startCommand)
      guard !quiet else { return }
      Talk.say("\(connection.path): \(isNew ? "connected" : "was connected already")")
      if isNew { Talk.say("Restart \(connection.client.title) to use it.") }
    }
  }

  struct Disconnect: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "disconnect", abstract: "Take the gateway out of a client's configuration.")

    @Argument(help: "Name of the client.") var name: String
    @OptionGroup var place: ScopeOptions
    @Flag(name: .shortAndLong, help: "Say nothing.") var quiet = false

    func run() throws {
      let connection = try ClientCommand.connection(name, place.scope)
      let wasThere = try connection.disconnect()
      guard !quiet else { return }
      Talk.say("\(connection.path): \(wasThere ? "disconnected" : "was not connected")")
    }
  }

  private static func connection(
    _ name: String, _ scope: MCPClient.Scope
  ) throws -> ClientConnection {
    guard let client = MCPClient(name: name) else {
      let known = MCPClient.allCases.map(\.rawValue).joined(separator: ", ")
      throw Problem(source: "client", "\"\(name)\" is unknown", hint: "there are: \(known)")
    }
    let places = try Invocation.current.clientPlaces()
    guard let connection = ClientConnection(client, scope, in: places) else {
      throw Problem(
        source: "client", "\(client.title) has no configuration of a project", hint: "add -g")
    }
    return connection
  }
}

/// What a client's file says.
private struct ClientState {
  let connection: ClientConnection
  let isConnected: Bool
  let problem: Problem?

  init(_ connection: ClientConnection) {
    self.connection = connection
    do throws(Problem) {
      isConnected = try connection.current() != nil
      problem = nil
    } catch {
      isConnected = false
      problem = error
    }
  }

  var line: String {
    let state = problem?.description ?? (isConnected ? "connected" : "not connected")
    return "\(connection.client.rawValue): \(state) (\(connection.path))"
  }

  var json: JSONText {
    JSONText(present: [
      ("name", JSONText(string: connection.client.rawValue)),
      ("title", JSONText(string: connection.client.title)),
      ("scope", JSONText(string: connection.scope.rawValue)),
      ("path", JSONText(string: connection.path)), ("connected", JSONText(isConnected)),
      ("problem", (problem?.description).json),
    ])
  }
}
