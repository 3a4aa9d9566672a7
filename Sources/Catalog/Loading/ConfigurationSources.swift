/// All that decides which files are read and which servers are enabled.
public struct ConfigurationSources: Sendable, Hashable {
  /// The files of one flag and of its `--additional-…` flag.
  public struct Files: Sendable, Hashable {
    public var paths: [String]
    /// Whether the operator named them: a missing file is an error then, and empty otherwise.
    public var areExplicit: Bool
    /// Read after the others; always named by the operator.
    public var additional: [String]

    public init(_ paths: [String], areExplicit: Bool = false, additional: [String] = []) {
      self.paths = paths
      self.areExplicit = areExplicit
      self.additional = additional
    }
  }

  public var catalogs = Files(["docker-mcp.yaml"])
  public var registries = Files(["registry.yaml"])
  public var configs = Files(["config.yaml"])
  public var toolsConfigs = Files(["tools.yaml"])
  /// In order: `docker-desktop`, a file, or a folder with one file per secret.
  public var secretSources = ["docker-desktop"]
  /// Names and images; where there is one, the registry files are not read.
  public var servers: [String] = []
  public var enablesAllServers = false
  /// The `--tools` filter; where there is one, the tools files are not read.
  public var tools: [String] = []
  public var volumeGrants = VolumeGrants()
  /// Where `registry.yaml` and the others are by default (`~/.docker/mcp`).
  public var mcpFolder: String
  /// What `./` and relative secret paths start from.
  public var workingFolder: String
  /// What `~/` in a volume stands for; nil: it is refused.
  public var homeFolder: String?

  public init(mcpFolder: String, workingFolder: String, homeFolder: String? = nil) {
    self.mcpFolder = mcpFolder
    self.workingFolder = workingFolder
    self.homeFolder = homeFolder
  }
}
