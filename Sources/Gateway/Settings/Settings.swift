import Audit
import Interceptors

/// All that the operator chose on the command line and in the environment, checked. Immutable.
public struct Settings: Sendable, Hashable {
  public enum Transport: String, Sendable, Hashable, CaseIterable { case stdio, sse, streaming }

  public var transport: Transport = .stdio
  /// Address to listen on; loopback unless the operator names another.
  public var host = "127.0.0.1"
  /// 0 with stdio.
  public var port = 0
  /// Bearer token from the environment; nil: one is made at start.
  public var authToken: String?
  public var allowUnauthenticated = false
  /// `--auth-tokens`: a file of named bearer tokens.
  public var authTokensFile: String?
  /// The URL of the MCP endpoint as clients know it; canonical.
  public var publicURL: String?
  /// Authorization servers whose access tokens are accepted.
  public var oauth: OAuthSettings?

  /// As written: paths, names of catalog.json, or URLs.
  public var catalogs = ["docker-mcp.yaml"]
  /// Whether the operator wrote `--catalog`: a missing file is an error then, and empty otherwise.
  public var catalogsAreExplicit = false
  public var additionalCatalogs: [String] = []
  public var registries = ["registry.yaml"]
  public var registriesAreExplicit = false
  public var additionalRegistries: [String] = []
  public var configs = ["config.yaml"]
  public var configsAreExplicit = false
  public var additionalConfigs: [String] = []
  public var toolsConfigs = ["tools.yaml"]
  public var toolsConfigsAreExplicit = false
  public var additionalToolsConfigs: [String] = []
  /// Sources in order: `docker-desktop` or a path.
  public var secretSources = ["docker-desktop"]
  /// Empty: the registry files decide.
  public var servers: [String] = []
  public var enableAllServers = false
  /// The `--tools` filter; empty: tools.yaml decides.
  public var tools: [String] = []

  /// Policy files and folders of them, in order.
  public var policies: [String] = []
  /// The hooks of the command line, in order.
  public var interceptors: [Hook] = []
  public var blockSecrets = true
  /// `--verify-signatures`: whose images may run; nil: all may.
  public var imageTrust: ImageTrustSettings?
  public var logCalls = true
  public var verbose = false
  public var keep = false
  public var longLived = false
  public var watch = true
  /// Servers run already (as compose services) and are reached by TCP; no engine is used.
  public var isStatic = false
  public var dryRun = false

  /// CPUs of a server container; 0: no limit.
  public var cpus = 1.0
  /// Memory of a server container in bytes; 0: no limit.
  public var memory: Int64 = 2 << 30
  /// Containers kept ready for each server that has been used; 0: none.
  public var warm = 1
  /// How long a call may take; progress from the server restarts it.
  public var callTimeout = Duration.seconds(300)
  /// How long a server may take from start to an answered `initialize`.
  public var startTimeout = Duration.seconds(60)
  /// Server containers at the same time, over all servers.
  public var maxContainers = 64

  /// Where calls are recorded: a folder of logs or one file; nil: nowhere (`--audit=off`).
  public var audit: LogPlace?
  /// Records hold values, too, but for those in which a secret is found.
  public var auditValues = false
  public var auditOnError = AuditLog.OnError.deny
  public var auditLimits = AuditLog.Limits()

  /// Sessions over HTTP at the same time, of all clients and of one.
  public var maxSessions = GatewayCore.mostSessions
  public var maxClientSessions = 100

  /// Where `/metrics` is served, on loopback; nil: nowhere.
  public var metricsPort: Int?

  /// `DOCKER_MCP_IN_CONTAINER=1`: the gateway itself runs in a container.
  public var isInContainer = false
  /// `DOCKER_MCP_ALLOW_INSECURE_REMOTE_URLS=1`: plain http and private addresses for fetched
  /// catalogs and remote servers.
  public var allowInsecureRemoteURLs = false
  /// `MCP_GATEWAY_DOCKER_BIND_ALLOWED_PATHS`: host roots that may be mounted read-only.
  public var bindAllowedPaths: [String] = []
  /// `MCP_GATEWAY_DOCKER_BIND_ALLOW_WRITABLE_PATHS`: exact host paths that may be mounted writable.
  public var bindWritablePaths: [String] = []

  /// The engine's address as `DOCKER_HOST` or the docker CLI's `-H` gives it; nil: the context's.
  public var dockerHost: String?
  /// The docker context to use; nil: the current one.
  public var dockerContext: String?
  /// The docker CLI's configuration folder (`~/.docker`).
  public var dockerConfigFolder = ""
  /// Where `registry.yaml` and the others are by default (`~/.docker/mcp`).
  public var mcpFolder = ""
  /// Where the gateway keeps what it writes itself (`~/.local/state/mcp-gateway`).
  public var stateFolder = StateFolder("")

  public init() {}
}
