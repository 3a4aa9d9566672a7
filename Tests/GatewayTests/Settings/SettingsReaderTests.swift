import ArgumentParser
import Catalog
import Testing
import Wire

@testable import Gateway
@testable import gateway

struct SettingsReaderTests {
  static func read(
    _ words: [String], _ variables: [String: String] = [:], docker: DockerChoice = .init()
  ) throws -> (settings: Settings, problems: [Problem]) {
    let normalized = CommandFlags.all.normalize(words)
    try #require(normalized.problems == [])
    let flags = try RunOptions.parse(normalized.words)
    let variables = ["HOME": "/home/me"].merging(variables) { $1 }
    return SettingsReader.read(flags, in: Surroundings(variables: variables, docker: docker))
  }

  @Test func nothingWrittenGivesTheDefaults() throws {
    var wanted = Settings()
    wanted.mcpFolder = "/home/me/.docker/mcp"
    wanted.dockerConfigFolder = "/home/me/.docker"
    wanted.stateFolder = StateFolder("/home/me/.local/state/mcp-gateway")
    wanted.audit = .folder("/home/me/.local/state/mcp-gateway/audit/log")
    let (settings, problems) = try Self.read([])
    #expect(problems == [])
    #expect(settings == wanted)
  }

  struct Good: Sendable, CustomTestStringConvertible {
    let words: [String]
    var variables: [String: String] = [:]
    let holds: @Sendable (Settings) -> Bool
    var testDescription: String { "\(words) \(variables)" }
  }

  static let good: [Good] = [
    Good(words: ["--servers", " a ,b,,a", "--server=c"]) { $0.servers == ["a", "b", "c"] },
    Good(words: ["--servers="]) { $0.servers.isEmpty },
    Good(words: ["--enable-all-servers"]) { $0.enableAllServers },
    Good(words: ["--tools", "server1:*", "--tools", "server2:tool2"]) {
      $0.tools == ["server1:*", "server2:tool2"]
    },
    Good(words: ["--catalog", "a,b", "--catalog=c"]) {
      $0.catalogs == ["a", "b", "c"] && $0.catalogsAreExplicit
    },
    Good(words: ["--catalog="]) { $0.catalogs.isEmpty && $0.catalogsAreExplicit },
    Good(words: ["--registry=./r.yaml"]) {
      $0.registries == ["./r.yaml"] && $0.registriesAreExplicit && !$0.configsAreExplicit
    },
    Good(words: ["--config=/c", "--tools-config=/t"]) {
      $0.configs == ["/c"] && $0.toolsConfigs == ["/t"] && $0.toolsConfigsAreExplicit
    },
    Good(words: [
      "--additional-catalog=a", "--additional-registry=b", "--additional-config=c",
      "--additional-tools-config=d",
    ]) {
      $0.additionalCatalogs == ["a"] && $0.additionalRegistries == ["b"]
        && $0.additionalConfigs == ["c"] && $0.additionalToolsConfigs == ["d"]
        && $0.catalogs == ["docker-mcp.yaml"]
    },
    Good(words: ["--secrets=docker-desktop:./.env"]) {
      $0.secretSources == ["docker-desktop", "./.env"]
    },
    Good(words: ["--secrets="]) { $0.secretSources.isEmpty },
    Good(words: ["--audit=off"]) { $0.audit == nil },
    Good(words: ["--audit=/var/log/calls/"]) { $0.audit == .folder("/var/log/calls") },
    Good(words: ["--audit", "calls.jsonl"]) { $0.audit == .file("calls.jsonl") },
    Good(words: ["--audit-values"]) { $0.auditValues },
    Good(words: ["--audit-on-error=allow"]) { $0.auditOnError == .allow },
    Good(words: ["--audit-max-size=2m", "--audit-max-age=1h"]) {
      $0.auditLimits.maximumSize == 2 << 20 && $0.auditLimits.maximumAge == .seconds(3600)
    },
    Good(words: [], variables: ["XDG_STATE_HOME": "/state"]) {
      $0.audit == .folder("/state/mcp-gateway/audit/log")
    },
    Good(words: [], variables: ["XDG_STATE_HOME": "relative"]) {
      $0.stateFolder == StateFolder("/home/me/.local/state/mcp-gateway")
    },
    Good(words: ["--transport=sse"]) { $0.transport == .sse && $0.port == 8811 },
    Good(words: ["--transport=streaming", "--port=8080"]) {
      $0.transport == .streaming && $0.port == 8080 && $0.host == "127.0.0.1"
    },
    Good(words: ["--transport=HTTP"]) { $0.transport == .streaming },
    Good(words: ["--transport=streamable"]) { $0.transport == .streaming },
    Good(words: ["--transport=Streamable-HTTP", "--port=0"]) {
      $0.transport == .streaming && $0.port == 8811
    },
    Good(words: ["--transport=STDIO", "--port=0"]) { $0.transport == .stdio && $0.port == 0 },
    Good(words: ["--transport=http", "--host=[::1]"]) { $0.host == "::1" },
    Good(words: ["--transport=http", "--allow-unauthenticated"]) { $0.allowUnauthenticated },
    Good(words: ["--cpus=0.5", "--memory=512m"]) { $0.cpus == 0.5 && $0.memory == 512 << 20 },
    Good(words: ["--cpus=0", "--memory="]) { $0.cpus == 0 && $0.memory == 0 },
    Good(words: ["--memory=0"]) { $0.memory == 0 },
    Good(words: ["--call-timeout=1m30s", "--start-timeout=5"]) {
      $0.callTimeout == .seconds(90) && $0.startTimeout == .seconds(5)
    },
    Good(words: ["--transport=sse", "--max-sessions=5000", "--max-client-sessions=2"]) {
      $0.maxSessions == 5000 && $0.maxClientSessions == 2
    },
    Good(words: ["--warm=0", "--max-containers=1000"]) { $0.warm == 0 && $0.maxContainers == 1000 },
    Good(words: ["--block-secrets=0", "--log-calls=false"]) { !$0.blockSecrets && !$0.logCalls },
    Good(words: ["--block-secrets=0", "--block-secrets"]) { $0.blockSecrets },
    Good(words: ["--keep", "--long-lived", "--dry-run", "--verbose"]) {
      $0.keep && $0.longLived && $0.dryRun && $0.verbose
    },
    Good(words: ["--watch=false"]) { !$0.watch },
    Good(words: ["--static", "--watch"]) { $0.isStatic && !$0.watch },
    Good(words: ["--block-network=false", "--verify-signatures=false"]) {
      $0.blockSecrets && $0.imageTrust == nil
    },
    Good(words: ["--verify-signatures"]) { $0.imageTrust?.policy == .builtIn },
    Good(words: ["--verify-signatures", "--signature-policy", "system"]) {
      $0.imageTrust?.policy == .system && $0.imageTrust?.homeFolder == "/home/me"
    },
    Good(words: ["--verify-signatures", "--signature-policy=/p.json", "--registries-d", "/r"]) {
      $0.imageTrust?.policy == .file("/p.json") && $0.imageTrust?.registriesFolder == "/r"
    },
    Good(words: [], variables: ["DOCKER_MCP_IN_CONTAINER": "1"]) {
      $0.isInContainer && $0.catalogs == [PublicCatalog.url] && $0.registries.isEmpty
        && $0.configs.isEmpty && $0.toolsConfigs.isEmpty && $0.verbose && !$0.watch
        && !$0.catalogsAreExplicit
        && $0.secretSources == ["docker-desktop", "/run/secrets/mcp_secret", "/.env"]
    },
    Good(
      words: ["--transport=http", "--watch", "--verbose=0", "--catalog=/c.yaml"],
      variables: ["DOCKER_MCP_IN_CONTAINER": "true"]
    ) { $0.host == "0.0.0.0" && $0.watch && !$0.verbose && $0.catalogs == ["/c.yaml"] },
    Good(words: [], variables: ["DOCKER_MCP_IN_CONTAINER": "0"]) { !$0.isInContainer },
    Good(words: [], variables: ["DOCKER_MCP_IN_CONTAINER": ""]) { !$0.isInContainer },
    Good(words: [], variables: ["DOCKER_MCP_ALLOW_INSECURE_REMOTE_URLS": "1"]) {
      $0.allowInsecureRemoteURLs
    },
    Good(words: [], variables: ["MCP_GATEWAY_AUTH_TOKEN": "0123456789abcdef"]) {
      $0.authToken == "0123456789abcdef"
    },
    Good(words: [], variables: ["MCP_GATEWAY_AUTH_TOKEN": ""]) { $0.authToken == nil },
    Good(
      words: [],
      variables: [
        "MCP_GATEWAY_DOCKER_BIND_ALLOWED_PATHS": "/a:/b",
        "MCP_GATEWAY_DOCKER_BIND_ALLOW_WRITABLE_PATHS": "/c",
      ]
    ) { $0.bindAllowedPaths == ["/a", "/b"] && $0.bindWritablePaths == ["/c"] },
    Good(words: [], variables: ["DOCKER_HOST": "unix:///x", "DOCKER_CONTEXT": "c"]) {
      $0.dockerHost == "unix:///x" && $0.dockerContext == nil
    },
    Good(words: [], variables: ["DOCKER_CONTEXT": "c", "DOCKER_CONFIG": "/d"]) {
      $0.dockerContext == "c" && $0.dockerConfigFolder == "/d"
        && $0.mcpFolder == "/home/me/.docker/mcp"
    },
  ]

  @Test(arguments: good)
  func whatIsWrittenIsRead(_ row: Good) throws {
    let (settings, problems) = try Self.read(row.words, row.variables)
    #expect(!problems.hasErrors)
    #expect(row.holds(settings))
  }

  @Test func dockersOptionsWinOverTheEnvironment() throws {
    let variables = ["DOCKER_HOST": "unix:///x", "DOCKER_CONTEXT": "c", "DOCKER_CONFIG": "/d"]
    let byHost = try Self.read([], variables, docker: .init(host: "tcp://h:1", configFolder: "/e"))
    #expect(byHost.settings.dockerHost == "tcp://h:1")
    #expect(byHost.settings.dockerConfigFolder == "/e")
    let byContext = try Self.read([], variables, docker: .init(context: "k"))
    #expect(byContext.settings.dockerContext == "k")
    #expect(byContext.settings.dockerHost == nil)
    let both = try Self.read([], docker: .init(host: "unix:///x", context: "k"))
    #expect(both.problems.map(\.source) == ["--host"])
  }

  struct Bad: Sendable, CustomTestStringConvertible {
    let source: String
    let words: [String]
    let variables: [String: String]
    var testDescription: String { "\(words) \(variables)" }

    init(_ source: String, _ words: [String], _ variables: [String: String] = [:]) {
      self.source = source
      self.words = words
      self.variables = variables
    }
  }

  static let bad: [Bad] =
    ["foo", "", "tcp", "stdio,sse"].map { Bad("--transport", ["--transport=\($0)"]) }
    + ["65536", "-1", "x", "", "+80", "8080 ", "1e3"].map {
      Bad("--port", ["--transport=sse", "--port=\($0)"])
    }
    + ["", "a_b", "*", "1.2.3.256"].map { Bad("--host", ["--transport=sse", "--host=\($0)"]) }
    + ["-1", "x", "", "nan", "0.001", "1025", "1,5"].map { Bad("--cpus", ["--cpus=\($0)"]) }
    + ["x", "-1g", "5m", "1", "2Zb", "99999999p"].map { Bad("--memory", ["--memory=\($0)"]) }
    + ["0", "-1s", "x", "25h", "", "1d"].map { Bad("--call-timeout", ["--call-timeout=\($0)"]) }
    + ["0s", "x"].map { Bad("--start-timeout", ["--start-timeout=\($0)"]) }
    + ["17", "-1", "x", "", "1.5"].map { Bad("--warm", ["--warm=\($0)"]) }
    + ["0", "100001", "x"].map {
      Bad("--max-sessions", ["--transport=sse", "--max-sessions=\($0)"])
    }
    + ["0", "1001", "x"].map { Bad("--max-containers", ["--max-containers=\($0)"]) }
    + ["0", "1", "1023k", "x", "2t"].map { Bad("--audit-max-size", ["--audit-max-size=\($0)"]) }
    + ["0", "59s", "x", "9000h"].map { Bad("--audit-max-age", ["--audit-max-age=\($0)"]) }
    + ["0", "x", "65536", ""].map { Bad("--metrics-port", ["--metrics-port=\($0)"]) }
    + [Bad("--metrics-port", ["--transport=sse", "--port=9", "--metrics-port=9"])]
    + ["", "off", "Allow"].map { Bad("--audit-on-error", ["--audit-on-error=\($0)"]) }
    + [
      Bad("--port", ["--port=8080"]), Bad("--port", ["--transport=stdio", "--port=1"]),
      Bad("--enable-all-servers", ["--enable-all-servers", "--servers=a"]),
      Bad("--block-network", ["--block-network"]),
      Bad("--signature-policy", ["--signature-policy=/p.json"]),
      Bad("--signature-policy", ["--verify-signatures", "--signature-policy="]),
      Bad("--verify-signatures", ["--verify-signatures", "--static"]),
      Bad("--interceptor", ["--interceptor=before:exec"]),
      Bad("--oci-ref", ["--oci-ref=x"]), Bad("--mcp-registry", ["--mcp-registry=http://x"]),
      Bad("--profile", ["--profile=x"]), Bad("--policy", ["--policy="]),
      Bad("--central", ["--central"]), Bad("--debug-dns", ["--debug-dns"]),
      Bad("--log", ["--log=x"]),
      Bad("DOCKER_MCP_IN_DIND", [], ["DOCKER_MCP_IN_DIND": "1"]),
      Bad("DOCKER_MCP_IN_CONTAINER", [], ["DOCKER_MCP_IN_CONTAINER": "yes"]),
      Bad("MCP_GATEWAY_AUTH_TOKEN", [], ["MCP_GATEWAY_AUTH_TOKEN": "tooshort"]),
      Bad("MCP_GATEWAY_AUTH_TOKEN", [], ["MCP_GATEWAY_AUTH_TOKEN": "with a blank in it!"]),
      Bad(
        "MCP_GATEWAY_DOCKER_BIND_ALLOWED_PATHS", [],
        ["MCP_GATEWAY_DOCKER_BIND_ALLOWED_PATHS": "/a:b"]),
      Bad(
        "MCP_GATEWAY_DOCKER_BIND_ALLOW_WRITABLE_PATHS", [],
        ["MCP_GATEWAY_DOCKER_BIND_ALLOW_WRITABLE_PATHS": "/a/../b"]),
      Bad(
        "--allow-unauthenticated", ["--transport=sse", "--allow-unauthenticated"],
        ["MCP_GATEWAY_AUTH_TOKEN": "0123456789abcdef"]),
      Bad("HOME", [], ["HOME": ""]),
    ]

  @Test(arguments: bad)
  func whatIsWrongIsNamedWithAFix(_ row: Bad) throws {
    let errors = try Self.read(row.words, row.variables).problems.filter { $0.severity == .error }
    #expect(errors.map(\.source) == [row.source])
    #expect(errors.allSatisfy { $0.hint != nil })
  }

  @Test func allProblemsAreToldAtOnce() throws {
    let words = ["--cpus=x", "--memory=x", "--warm=x", "--transport=x", "--block-network"]
    let problems = try Self.read(words, ["DOCKER_MCP_IN_DIND": "1"]).problems
    #expect(
      Set(problems.map(\.source)) == [
        "--cpus", "--memory", "--warm", "--transport", "--block-network", "DOCKER_MCP_IN_DIND",
      ])
  }

  @Test func aTokenIsNeverRepeated() throws {
    let problems = try Self.read([], ["MCP_GATEWAY_AUTH_TOKEN": "s3cr3t"]).problems
    #expect(!problems.isEmpty)
    #expect(problems.allSatisfy { !$0.description.contains("s3cr3t") })
  }

  @Test func anOpenDoorIsToldAbout() throws {
    let words = ["--transport=sse", "--host=0.0.0.0", "--allow-unauthenticated"]
    let problems = try Self.read(words).problems
    #expect(problems.map(\.source) == ["--allow-unauthenticated"])
    #expect(problems.map(\.severity) == [.warning])
  }

  @Test(arguments: [["--host=::1"], ["--allow-unauthenticated"]])
  func flagsWithoutEffectAreToldAbout(_ words: [String]) throws {
    let problems = try Self.read(words).problems
    #expect(problems.map(\.severity) == [.warning])
  }

  @Test func theHelpNamesEveryDefault() {
    let help = RunOptions.helpMessage(columns: 2000)
    for text in [
      "(default: stdio)", "(default: 1)", "(default: 2Gb)", "(default: 64)", "(default: 5m)",
      "(default: 1m)", "(default: docker-desktop)", "(default: registry.yaml)",
      "(default: 8811 with sse and streaming)",
    ] { #expect(help.contains(text), "\(text)") }
    #expect(!help.contains("oci-ref"))
  }
}
