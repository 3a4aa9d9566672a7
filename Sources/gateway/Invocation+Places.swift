import FoundationEssentials
import Gateway
import OperatorFiles
import Wire

/// Where this invocation's files are.
extension Invocation {
  func home() throws(Problem) -> HomeFolder {
    guard let home = surroundings.home else {
      throw Problem(
        source: "HOME", "no home folder is known", hint: "set HOME to an absolute path")
    }
    return home
  }

  func mcpFolder() throws(Problem) -> String { try home().mcpFolder }

  func dockerConfigFolder() throws(Problem) -> String {
    if let folder = surroundings.docker.configFolder ?? surroundings["DOCKER_CONFIG"] {
      return folder
    }
    return try home().dockerFolder
  }

  func shelf() throws(Problem) -> CatalogShelf { CatalogShelf(mcpFolder: try mcpFolder()) }

  func secretStore() throws(Problem) -> any SecretStore {
    SecretStores.store(
      dockerConfigFolder: try dockerConfigFolder(), mcpFolder: try mcpFolder(),
      searchPath: searchPath)
  }

  var searchPath: String { surroundings["PATH"] ?? "/usr/local/bin:/usr/bin:/bin" }

  func clientPlaces() throws(Problem) -> ClientConnection.Places {
    ClientConnection.Places(
      home: try home().path, project: FileManager.default.currentDirectoryPath,
      claudeFolder: surroundings["CLAUDE_CONFIG_DIR"])
  }

  /// How a client shall start the gateway: through docker where we are its plugin, since that
  /// survives updates, and by our own path otherwise, since clients often have a poor PATH.
  var startCommand: [String] {
    if isPlugin { return ["docker", "mcp", "gateway", "run"] }
    return [surroundings.program ?? "gateway", "run"]
  }
}
