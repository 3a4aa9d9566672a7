import ArgumentParser
import Gateway

/// The flags of `gateway run`. What they mean is decided by ``SettingsReader``; here are only their
/// names and what people read about them.
struct RunOptions: ParsableArguments, RunFlags {
  @OptionGroup(title: "Servers and tools") var selection: SelectionOptions
  @OptionGroup(title: "Files") var files: FileOptions
  @OptionGroup(title: "Clients") var access: AccessOptions
  @OptionGroup(title: "Protection") var protection: ProtectionOptions
  @OptionGroup(title: "Server containers") var containers: ContainerOptions
  @OptionGroup(title: "Running") var running: RunningOptions
  @OptionGroup(title: "Audit") var audit: AuditOptions
  @OptionGroup var foreignOptions: ForeignOptions

  var foreign: Set<String> { foreignOptions.written }
}

struct SelectionOptions: ParsableArguments, SelectionFlags {
  @Option(
    name: [.customLong("servers"), .customLong("server")],
    help: ArgumentHelp(
      "Servers to enable; the registry files are not read then. Comma-separated, repeatable.",
      discussion: "An image serves without a catalog: --server docker.io/NAMESPACE/REPOSITORY:TAG",
      valueName: "names"))
  var servers: [String] = []

  @Flag(
    inversion: .prefixedNo, help: "Enable every server of the catalogs. (default: false)")
  var enableAllServers: Bool?

  @Option(
    help: ArgumentHelp(
      """
      Tools to offer, as TOOL, SERVER:TOOL or SERVER:*. Comma-separated, repeatable. \
      (default: what tools.yaml says)
      """, valueName: "filters"))
  var tools: [String] = []
}

struct FileOptions: ParsableArguments, FileFlags {
  @Option(
    help: ArgumentHelp(
      """
      Catalogs: a path, the name of a catalog in ~/.docker/mcp/catalogs, or a URL. On the same \
      server name the later one wins, but never a URL over a file. (default: docker-mcp.yaml and all of catalog.json)
      """, valueName: "files"))
  var catalog: [String] = []
  @Option(help: ArgumentHelp("Catalogs to add after those.", valueName: "files"))
  var additionalCatalog: [String] = []

  @Option(
    help: ArgumentHelp(
      """
      Files that say which servers are enabled. A path that does not start with / or ./ is in \
      ~/.docker/mcp. (default: registry.yaml)
      """, valueName: "files"))
  var registry: [String] = []
  @Option(help: ArgumentHelp("Registry files to add after those.", valueName: "files"))
  var additionalRegistry: [String] = []

  @Option(
    help: ArgumentHelp(
      "Files with the servers' configuration. (default: config.yaml)", valueName: "files"))
  var config: [String] = []
  @Option(help: ArgumentHelp("Configuration files to add after those.", valueName: "files"))
  var additionalConfig: [String] = []

  @Option(
    help: ArgumentHelp(
      "Files that say which tools of a server are offered. (default: tools.yaml)",
      valueName: "files"))
  var toolsConfig: [String] = []
  @Option(help: ArgumentHelp("Such files to add after those.", valueName: "files"))
  var additionalToolsConfig: [String] = []

  @Option(
    help: ArgumentHelp(
      """
      Where secrets are, separated by colons; for each secret the first source that has it \
      counts. docker-desktop, or a file of NAME=VALUE lines. Without Docker Desktop, \
      docker-desktop means what "secret set" has stored. (default: docker-desktop)
      """, valueName: "sources"))
  var secrets: String?
}

struct AccessOptions: ParsableArguments, AccessFlags {
  @Option(
    help: ArgumentHelp(
      """
      stdio, sse (at /sse) or streaming (at /mcp; also http, streamable-http). \
      (default: stdio)
      """, valueName: "name"), completion: .list(["stdio", "sse", "streaming"]))
  var transport: String?

  @Option(
    help: ArgumentHelp(
      "Address to listen on; 0.0.0.0 for all. (default: 127.0.0.1, in a container 0.0.0.0)",
      valueName: "address"))
  var host: String?

  @Option(
    help: ArgumentHelp(
      "Port to listen on; not with stdio. (default: 8811 with sse and streaming)",
      valueName: "number"))
  var port: String?

  @Flag(
    inversion: .prefixedNo,
    help: """
      Serve sse and streaming without the bearer token. (default: false; the token is \
      MCP_GATEWAY_AUTH_TOKEN, or is made and shown at start)
      """)
  var allowUnauthenticated: Bool?

  @Option(
    help: ArgumentHelp(
      """
      File of named bearer tokens, one for each client; "gateway token create" writes it. The name \
      is the caller in policies and logs. Read again when it changes. (default: none)
      """, valueName: "file"), completion: .file())
  var authTokens: String?

  @Option(
    help: ArgumentHelp(
      "URL of the endpoint as clients know it, such as https://mcp.example.com/mcp.",
      valueName: "url"))
  var publicUrl: String?

  @Option(
    help: ArgumentHelp(
      """
      Accept access tokens of this OAuth authorization server, issued for --public-url. \
      Repeatable. (default: none)
      """, valueName: "url"))
  var oauthIssuer: [String] = []

  @Option(
    help: ArgumentHelp(
      "Audience of accepted access tokens, if not the public URL. Repeatable.", valueName: "name"))
  var oauthAudience: [String] = []

  @Option(
    help: ArgumentHelp(
      "Scopes that an access token must grant. Comma-separated, repeatable.", valueName: "scopes"))
  var oauthScopes: [String] = []

  @Option(
    help: ArgumentHelp(
      "The issuer's keys: a file or URL. (default: the issuer's metadata says where)",
      valueName: "source"))
  var oauthJwks: String?

  @Option(
    help: ArgumentHelp(
      "Sessions at the same time, those that are ending included, 1 to 100000. (default: 1000)",
      valueName: "number"))
  var maxSessions: String?

  @Option(
    help: ArgumentHelp(
      "Sessions of one client, told by its token, at the same time. (default: 100)",
      valueName: "number"))
  var maxClientSessions: String?
}

struct ProtectionOptions: ParsableArguments, ProtectionFlags {
  @Flag(
    inversion: .prefixedNo,
    help: "Stop calls and results in which a secret is found. (default: true)")
  var blockSecrets: Bool?

  @Flag(
    inversion: .prefixedNo,
    help: "Let servers reach only the hosts they declare. Not in this version. (default: false)")
  var blockNetwork: Bool?

  @Flag(
    inversion: .prefixedNo,
    help: "Run only images with a trusted signature. (default: false)")
  var verifySignatures: Bool?

  @Option(
    help: ArgumentHelp(
      """
      Who may sign: a containers-policy.json, or system for the machine's own. Without it only \
      Docker's images docker.io/mcp/... are trusted, by Docker's key.
      """, valueName: "file"), completion: .file())
  var signaturePolicy: String?

  @Option(
    help: ArgumentHelp(
      """
      Folder of YAML files that say where signatures are. \
      (default: ~/.config/containers/registries.d, else /etc/containers/registries.d)
      """, valueName: "folder"), completion: .directory)
  var registriesD: String?

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp(
      """
      A hook that judges calls, before or after the server: WHEN:exec:COMMAND, WHEN:http:URL or \
      WHEN:docker:IMAGE ARGUMENTS; repeatable, the first is the outermost. It gets the call or the \
      result as JSON on stdin or as the body of a POST. One that fails denies the call. \
      (default: none)
      """,
      valueName: "spec"))
  var interceptor: [String] = []

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp(
      """
      A policy file, or a folder of them (*.yaml); repeatable. Every problem of one is an error. \
      (default: none)
      """, valueName: "path"), completion: .file())
  var policy: [String] = []
}

struct ContainerOptions: ParsableArguments, ContainerFlags {
  @Option(
    help: ArgumentHelp(
      "CPUs of a server container, such as 0.5; 0: no limit. (default: 1)", valueName: "number"))
  var cpus: String?

  @Option(
    help: ArgumentHelp(
      "Memory of a server container, such as 512m; 0: no limit. (default: 2Gb)",
      valueName: "size"))
  var memory: String?

  @Flag(
    inversion: .prefixedNo,
    help: "Leave stopped containers in place, to look into them. (default: false)")
  var keep: Bool?

  @Flag(
    inversion: .prefixedNo,
    help: "One container per client session instead of one per call. (default: false)")
  var longLived: Bool?

  @Flag(
    inversion: .prefixedNo,
    help: """
      Reach servers that run already, by TCP, and start none; turns --watch off. \
      (default: false)
      """)
  var `static`: Bool?

  @Option(
    help: ArgumentHelp(
      "Unused containers kept ready for each server in use, 0 to 16. (default: 1)",
      valueName: "number"))
  var warm: String?

  @Option(
    help: ArgumentHelp(
      "How long a call may take without a sign of progress: 30s, 2m, 1m30s. (default: 5m)",
      valueName: "time"))
  var callTimeout: String?

  @Option(
    help: ArgumentHelp(
      "How long a server may take to start and answer. (default: 1m)", valueName: "time"))
  var startTimeout: String?

  @Option(
    help: ArgumentHelp(
      "Server containers at the same time, 1 to 1000. (default: 64)", valueName: "number"))
  var maxContainers: String?
}

struct RunningOptions: ParsableArguments, RunningFlags {
  @Flag(
    inversion: .prefixedNo,
    help: """
      Do everything but serve: check, start and list the servers, print what was found. \
      Exit code 3 when an image is not trusted, 2 when something else is wrong. (default: false)
      """)
  var dryRun: Bool?

  @Flag(
    inversion: .prefixedNo,
    help: "A line on stderr for each call, never with values. (default: true)")
  var logCalls: Bool?

  @Flag(
    inversion: .prefixedNo,
    help: "Say more on stderr. (default: false, in a container true)")
  var verbose: Bool?

  @Flag(
    inversion: .prefixedNo,
    help: "Reload the files when they change. (default: true, in a container false)")
  var watch: Bool?

  @Option(
    help: ArgumentHelp(
      "Serve counts of calls for Prometheus at http://127.0.0.1:PORT/metrics. (default: not)",
      valueName: "number"))
  var metricsPort: String?
}

struct AuditOptions: ParsableArguments, AuditFlags {
  @Option(
    help: ArgumentHelp(
      """
      Where every call is recorded: a file, or a folder (FOLDER/) in which each gateway has files \
      of its own; off for no record. (default: ~/.local/state/mcp-gateway/audit/log/)
      """, valueName: "path"))
  var audit: String?

  @Flag(
    inversion: .prefixedNo,
    help: """
      Record arguments and results themselves, too, and not only shapes and digests; what holds a \
      secret is left out. (default: false)
      """)
  var auditValues: Bool?

  @Option(
    help: ArgumentHelp(
      "What happens to calls that cannot be recorded: deny or allow. (default: deny)",
      valueName: "choice"), completion: .list(["deny", "allow"]))
  var auditOnError: String?

  @Option(
    help: ArgumentHelp(
      "Size at which the log goes on in another file. (default: 64m)", valueName: "size"))
  var auditMaxSize: String?

  @Option(
    help: ArgumentHelp(
      "Age at which the log goes on in another file. (default: 24h)", valueName: "time"))
  var auditMaxAge: String?
}

/// Flags of Docker's gateway that this one does not have. They are known so that whoever switches
/// reads what to do instead.
struct ForeignOptions: ParsableArguments {
  @Option(help: .private) var ociRef: [String] = []
  @Option(help: .private) var mcpRegistry: [String] = []
  @Option(help: .private) var profile: String?
  @Option(help: .private) var log: String?
  @Flag(inversion: .prefixedNo, help: .private) var central = false
  @Flag(inversion: .prefixedNo, help: .private) var debugDns = false

  var written: Set<String> {
    let found = [
      ("oci-ref", !ociRef.isEmpty), ("mcp-registry", !mcpRegistry.isEmpty),
      ("profile", profile != nil), ("log", log != nil),
      ("central", central), ("debug-dns", debugDns),
    ]
    return Set(found.filter(\.1).map(\.0))
  }
}
