import Wire

/// A program that starts MCP servers by its own configuration file.
public enum MCPClient: String, Sendable, Hashable, CaseIterable {
  case claudeDesktop = "claude-desktop"
  case claudeCode = "claude-code"
  case cursor
  case vscode
  case zed
  case continueDev = "continue"
  case gemini

  /// Nil for a name we do not know. People write the product's name in more than one way.
  public init?(name: String) {
    switch name.lowercased() {
    case "claude-desktop", "claude": self = .claudeDesktop
    case "vscode", "vs-code", "code": self = .vscode
    case "gemini", "gemini-cli": self = .gemini
    case let other: self.init(rawValue: other)
    }
  }

  public var title: String {
    switch self {
    case .claudeDesktop: "Claude Desktop"
    case .claudeCode: "Claude Code"
    case .cursor: "Cursor"
    case .vscode: "VS Code"
    case .zed: "Zed"
    case .continueDev: "Continue"
    case .gemini: "Gemini CLI"
    }
  }

  /// Whether a file applies to one project or to everything its user does.
  public enum Scope: String, Sendable, Hashable { case project, global }

  /// Path below the project's folder; nil where the client has no such file.
  var projectPath: String? {
    switch self {
    case .claudeDesktop: nil
    case .claudeCode: ".mcp.json"
    case .cursor: ".cursor/mcp.json"
    case .vscode: ".vscode/mcp.json"
    case .zed: ".zed/settings.json"
    case .continueDev: ".continue/mcpServers/mcp-docker.json"
    case .gemini: ".gemini/settings.json"
    }
  }

  /// Path below the home folder.
  var globalPath: String {
    switch self {
    case .claudeDesktop: ".config/claude/claude_desktop_config.json"
    case .claudeCode: ".claude.json"
    case .cursor: ".cursor/mcp.json"
    case .vscode: ".config/Code/User/mcp.json"
    case .zed: ".config/zed/settings.json"
    case .continueDev: ".continue/mcpServers/mcp-docker.json"
    case .gemini: ".gemini/settings.json"
    }
  }

  /// The member that holds the servers.
  var serversKey: String {
    switch self {
    case .vscode: "servers"
    case .zed: "context_servers"
    default: "mcpServers"
    }
  }

  /// Editors allow comments in their settings.
  var allowsComments: Bool { [.vscode, .zed, .cursor, .continueDev].contains(self) }

  /// What the client shall start.
  func entry(_ command: [String]) -> JSONText {
    let program = JSONText(string: command.first ?? "")
    let arguments = JSONText(array: command.dropFirst().map(JSONText.init(string:)))
    var members = [("command", program), ("args", arguments)]
    switch self {
    case .vscode, .claudeCode: members.insert(("type", JSONText(string: "stdio")), at: 0)
    case .zed: members.insert(("source", JSONText(string: "custom")), at: 0)
    default: break
    }
    return JSONText(object: members)
  }
}
