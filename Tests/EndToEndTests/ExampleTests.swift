import Foundation
import Testing

/// What is in `examples/` works as it is.
@Suite(.serialized) struct ExampleTests {
  private static let examples = Machine.project + "/examples"

  private func copy(_ name: String, to sandbox: Sandbox) throws -> String {
    let folder = sandbox.path(name)
    try FileManager.default.copyItem(atPath: "\(Self.examples)/\(name)", toPath: folder)
    return folder
  }

  @Test(arguments: [
    "claude-desktop", "claude-code", "cursor", "vscode", "zed", "gemini-cli",
  ])
  func aClientConfigurationStartsTheGateway(client: String) async throws {
    try await withSandbox { sandbox in
      let file = "\(Self.examples)/clients/\(client).json"
      let configuration = try JSON.parse(String(contentsOfFile: file, encoding: .utf8))
      let servers = ["mcpServers", "servers", "context_servers"].map { configuration[$0] }
      let entry = servers.first { !$0.isNull }?["MCP_DOCKER"] ?? .null
      let words = [entry["command"]] + entry["args"].array
      try sandbox.serve(.plain(sandbox.name("plain"), tools: 1))
      try sandbox.installPlugin()
      let session = RawSession(try sandbox.start(words.compactMap(\.string)))
      try await session.initialize()
      _ = try await session.waitForTools("tool1") { $0 == ["tool1"] }
    }
  }

  @Test func aRunningGatewayIsReachedAsItsConfigurationSays() async throws {
    let file = "\(Self.examples)/clients/streamable-http.json"
    let configuration = try JSON.parse(String(contentsOfFile: file, encoding: .utf8))
    let entry = configuration["mcpServers"]["MCP_DOCKER"]
    let header = entry["headers"]["Authorization"].string ?? ""
    try await withSandbox { sandbox in
      try sandbox.serve(.plain(sandbox.name("plain"), tools: 1))
      let gateway = try await sandbox.listen(.streaming)
      #expect(URL(string: entry["url"].string ?? "")?.path == URL(string: gateway.url)?.path)
      let filled = header.split(separator: "${MCP_GATEWAY_AUTH_TOKEN}").joined() + HTTPGateway.token
      let status = try await gateway.curl(
        "--header", "Authorization: \(filled)", "--header", "Content-Type: application/json",
        "--header", "Accept: application/json, text/event-stream", "--data",
        #"{"jsonrpc":"2.0","id":1,"method":"ping"}"#
      ).status
      #expect(status != 401)
    }
  }

  @Test func theDemoCatalogServes() async throws {
    try await withSandbox { sandbox in
      for name in ["time", "git", "words", "say", "count_words"] { sandbox.watch(name) }
      let text = try sandbox.write("shared/text.txt", "one two three", mode: 0o644)
      let session = try await sandbox.session(
        "--catalog", "\(Self.examples)/demo/catalog.yaml", "--servers", "time,git,words",
        environment: ["MCP_GATEWAY_DOCKER_BIND_ALLOWED_PATHS": sandbox.folder])
      let wanted: Set = ["get_current_time", "git_log", "say", "count_words"]
      _ = try await session.waitForTools("all") { wanted.isSubset(of: $0) }
      let time = try await session.call("get_current_time", ["timezone": "Europe/Oslo"])
      #expect(time.resultText.contains("Europe/Oslo"))
      let log = try await session.call("git_log", ["repo_path": "/srv/sample"])
      #expect(log.resultText.contains("Write note 2"))
      #expect(try await session.call("say", ["text": "hello"]).resultText == "hello\n")
      let count = try await session.call("count_words", ["path": .string(text)])
      #expect(count.resultText.hasPrefix("3 "))
    }
  }

  @Test func theComposeExampleServes() async throws {
    try await withSandbox { sandbox in
      for name in ["time", "git"] { sandbox.watch(name) }
      let folder = try copy("compose", to: sandbox)
      try sandbox.write("compose/secrets.env", "git.token=not-shown\n")
      let image = "mcp-gateway-test/gateway:1"
      let environment = [
        "GATEWAY_IMAGE": image, "PORT": "\(try Machine.freePort())",
        "MCP_GATEWAY_AUTH_TOKEN": HTTPGateway.token, "HOME": Machine.environment["HOME"] ?? "/",
        "GATEWAY": try Machine.gateway,
      ]
      try await succeed(["\(Machine.project)/scripts/gateway-image", image], environment, sandbox)
      let project = sandbox.name("compose")
      let compose = [
        "\(Machine.project)/scripts/compose", "--project-name", project, "--file",
        "\(folder)/compose.yaml",
      ]
      try await succeed(compose + ["up", "--detach"], environment, sandbox)
      do {
        try await useComposed(project, environment, sandbox)
      } catch {
        let logs = try sandbox.start(compose + ["logs"], environment: environment)
        _ = try await logs.wait(within: .seconds(60))
        Issue.record("\(error)\n\(logs.output)\(logs.errors)")
      }
      try await succeed(compose + ["down", "--volumes"], environment, sandbox)
      let networks = try await Machine.docker(
        "network", "ls", "--quiet", "--filter", "label=com.docker.compose.project=\(project)")
      #expect(networks.isEmpty)
    }
  }

  private func succeed(
    _ command: [String], _ environment: [String: String], _ sandbox: Sandbox
  ) async throws {
    let child = try sandbox.start(command, environment: environment)
    child.closeInput()
    let exit = try await child.wait(within: .seconds(180))
    try #require(exit == .status(0), "\(child.commandLine)\n\(child.output)\(child.errors)")
  }

  private func useComposed(
    _ project: String, _ environment: [String: String], _ sandbox: Sandbox
  ) async throws {
    let container = try await Machine.docker(
      "ps", "--quiet", "--filter", "label=com.docker.compose.project=\(project)")
    try await eventually(within: .seconds(60), "health, as the healthcheck sees it") {
      let format = "{{.State.Health.Status}}"
      return try await Machine.docker("inspect", "--format", format, container) == "healthy"
    }
    let target: JSON = [
      "url": .string("http://127.0.0.1:\(environment["PORT"] ?? "")/mcp"),
      "token": .string(HTTPGateway.token),
    ]
    let steps: [JSON] = [
      ["do": "offered", "tools": ["get_current_time", "git_log"]],
      ["do": "call", "tool": "get_current_time", "arguments": ["timezone": "UTC"]],
      ["do": "call", "tool": "git_log", "arguments": ["repo_path": "/srv/sample"]],
    ]
    let client = PublicClient(major: 2, transport: .streaming)
    let outcomes = try await client.perform(steps, at: target, in: sandbox)["outcomes"]
    #expect(outcomes[1]["result"].resultText.contains("UTC"))
    #expect(outcomes[2]["result"].resultText.contains("Write note 1"))
  }
}
