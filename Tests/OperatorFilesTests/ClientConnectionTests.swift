import Testing
import Wire

@testable import OperatorFiles

struct ClientConnectionTests {
  let folder: Folder
  let places: ClientConnection.Places
  init() throws {
    folder = try Folder()
    places = .init(home: folder.at("home"), project: folder.at("project"))
  }

  static let command = ["docker", "mcp", "gateway", "run"]

  @Test(arguments: MCPClient.allCases, [MCPClient.Scope.project, .global])
  func connectingAndDisconnectingWorksForEveryClient(
    _ client: MCPClient, _ scope: MCPClient.Scope
  ) throws {
    guard let connection = ClientConnection(client, scope, in: places) else {
      #expect(client == .claudeDesktop && scope == .project)
      return
    }
    #expect(try connection.current() == nil)
    #expect(try connection.connect(Self.command))
    let entry = try #require(try connection.current())
    #expect(entry["command"]?.string == "docker")
    #expect(entry["args"]?.elements.compactMap(\.string) == ["mcp", "gateway", "run"])
    #expect(try connection.connect(Self.command) == false)
    #expect(try connection.connect(["/usr/bin/gateway", "run"]))
    #expect(try connection.disconnect())
    #expect(try connection.disconnect() == false)
    #expect(try connection.current() == nil)
  }

  @Test(arguments: [
    (
      MCPClient.claudeDesktop, MCPClient.Scope.global,
      "home/.config/claude/claude_desktop_config.json"
    ),
    (.claudeCode, .global, "home/.claude.json"), (.claudeCode, .project, "project/.mcp.json"),
    (.cursor, .global, "home/.cursor/mcp.json"), (.cursor, .project, "project/.cursor/mcp.json"),
    (.vscode, .global, "home/.config/Code/User/mcp.json"),
    (.vscode, .project, "project/.vscode/mcp.json"),
    (.zed, .global, "home/.config/zed/settings.json"),
    (.continueDev, .project, "project/.continue/mcpServers/mcp-docker.json"),
    (.gemini, .global, "home/.gemini/settings.json"),
  ])
  func filesAreWhereTheClientLooks(
    _ client: MCPClient, _ scope: MCPClient.Scope, _ path: String
  ) {
    #expect(ClientConnection(client, scope, in: places)?.path == folder.at(path))
  }

  @Test func claudesFolderCanBeElsewhere() {
    var places = places
    places.claudeFolder = "/c"
    #expect(ClientConnection(.claudeCode, .global, in: places)?.path == "/c/.claude.json")
  }

  @Test func theDocumentedFileIsWritten() throws {
    try ClientConnection(.gemini, .project, in: places)?.connect(Self.command)
    #expect(
      folder.read("project/.gemini/settings.json") == """
        {
          "mcpServers": {
            "MCP_DOCKER": {
              "command": "docker",
              "args": ["mcp", "gateway", "run"]
            }
          }
        }

        """)
  }

  @Test func everythingElseInTheFileStaysByteForByte() throws {
    let before = """
      // Zed settings
      {
        "theme": "One",   // mine
        "context_servers": {
          "other": {"command": "x",  "args":[ ]}
        },
        "n": 1e2,
      }

      """
    let after = """
      // Zed settings
      {
        "theme": "One",   // mine
        "context_servers": {
          "other": {"command": "x",  "args":[ ]},
          "MCP_DOCKER": {
            "source": "custom",
            "command": "docker",
            "args": ["mcp", "gateway", "run"]
          }
        },
        "n": 1e2,
      }

      """
    try folder.write("home/.config/zed/settings.json", before, mode: 0o640)
    let connection = try #require(ClientConnection(.zed, .global, in: places))
    try connection.connect(Self.command)
    #expect(folder.read("home/.config/zed/settings.json") == after)
    #expect(try folder.mode("home/.config/zed/settings.json") == 0o640)
    try connection.disconnect()
    #expect(folder.read("home/.config/zed/settings.json") == before)
  }

  @Test(arguments: ["{", "[]", "{\"mcpServers\": []}", "{\"a\":1,\"a\":2}", "x"])
  func aFileThatDoesNotParseIsNotTouched(_ text: String) throws {
    try folder.write("home/.claude.json", text)
    let connection = try #require(ClientConnection(.claudeCode, .global, in: places))
    #expect(throws: Problem.self) { try connection.connect(Self.command) }
    #expect(folder.read("home/.claude.json") == text)
  }

  @Test(arguments: [
    ("claude", MCPClient.claudeDesktop), ("VS-Code", .vscode), ("continue", .continueDev),
    ("gemini-cli", .gemini),
  ])
  func commonSpellingsAreKnown(_ name: String, _ client: MCPClient) {
    #expect(MCPClient(name: name) == client)
  }
}
