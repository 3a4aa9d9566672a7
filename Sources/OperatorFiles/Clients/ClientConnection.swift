import Wire

/// The gateway's entry in a client's configuration file.
public struct ClientConnection: Sendable {
  /// The name that Docker's gateway has there, too: whoever switches finds one entry, not two.
  public static let serverName = "MCP_DOCKER"

  public let client: MCPClient
  public let scope: MCPClient.Scope
  private let file: OperatorFile

  /// Nil where the client has no file for a project.
  public init?(_ client: MCPClient, _ scope: MCPClient.Scope, in places: Places) {
    guard let path = places.path(of: client, scope) else { return nil }
    self.client = client
    self.scope = scope
    file = OperatorFile(path, isShared: scope == .project)
  }

  /// Where clients look.
  public struct Places: Sendable, Hashable {
    public var home: String
    public var project: String
    /// `CLAUDE_CONFIG_DIR`.
    public var claudeFolder: String?

    public init(home: String, project: String, claudeFolder: String? = nil) {
      self.home = home
      self.project = project
      self.claudeFolder = claudeFolder
    }

    func path(of client: MCPClient, _ scope: MCPClient.Scope) -> String? {
      switch scope {
      case .project: client.projectPath.map { "\(project)/\($0)" }
      case .global where client == .claudeCode: "\(claudeFolder ?? home)/\(client.globalPath)"
      case .global: "\(home)/\(client.globalPath)"
      }
    }
  }

  public var path: String { file.path }
  private var entryPath: [String] { [client.serversKey, Self.serverName] }

  /// Nil if the file has no entry of ours.
  public func current() throws(Problem) -> JSONText? {
    guard let bytes = try file.read() else { return nil }
    return try edit(bytes).value(entryPath)
  }

  /// Makes the client start `command`. False if it does already.
  @discardableResult
  public func connect(_ command: [String]) throws(Problem) -> Bool {
    let entry = client.entry(command)
    return try file.edit { bytes throws(Problem) in
      var edit = try edit(bytes ?? [])
      if try edit.value(entryPath)?.hasSameMembers(as: entry) == true { return nil }
      try edit.set(entryPath, to: entry)
      return try VerifiedEdit.result(edit.bytes, in: file.path) { result in
        (try? self.edit(result).value(entryPath))?.hasSameMembers(as: entry) == true
      }
    }
  }

  /// Takes the entry out. False if there was none.
  @discardableResult
  public func disconnect() throws(Problem) -> Bool {
    if client == .continueDev { return try current() == nil ? false : file.remove() }
    return try file.edit { bytes throws(Problem) in
      guard let bytes else { return nil }
      var edit = try edit(bytes)
      guard try edit.remove(entryPath) else { return nil }
      return try VerifiedEdit.result(edit.bytes, in: file.path) { result in
        guard let check = try? self.edit(result) else { return false }
        return (try? check.value(entryPath)) == .some(nil)
      }
    }
  }

  private func edit(_ bytes: [UInt8]) throws(Problem) -> JSONEdit {
    try JSONEdit(bytes, source: file.path, allowsComments: client.allowsComments)
  }
}

extension JSONText {
  /// Whether two values differ at most in white space.
  func hasSameMembers(as other: JSONText) -> Bool { laidOut() == other.laidOut() }
}
