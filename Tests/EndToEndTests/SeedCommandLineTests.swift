import Testing

/// The command lines of the section "How to run" of the gateway's first description, word for word,
/// through the docker CLI. Serialized, for their server names and ports are given.
@Suite(.serialized) struct SeedCommandLineTests {
  private func run(
    _ commandLine: String, in sandbox: Sandbox, environment: [String: String] = [:]
  ) throws -> ChildProcess {
    try sandbox.installPlugin()
    let words = commandLine.split(separator: " ").map(String.init)
    return try sandbox.start(words, environment: environment)
  }

  private func session(_ commandLine: String, in sandbox: Sandbox) async throws -> RawSession {
    let session = RawSession(try run(commandLine, in: sandbox))
    try await session.initialize()
    return session
  }

  @Test func stdioIsTheDefault() async throws {
    try await withSandbox { sandbox in
      try sandbox.serve(.everything(sandbox.name("everything")))
      let session = try await session("docker mcp gateway run", in: sandbox)
      _ = try await session.waitForTools("echo") { $0.contains("echo") }
      #expect(try await session.call("echo", ["text": "hello"]).resultText == "hello")
      #expect(try await session.end() == .status(0))
    }
  }

  @Test func streamingListensOnThePort() async throws {
    try await withSandbox { sandbox in
      try sandbox.serve(.everything(sandbox.name("everything")))
      let process = try run(
        "docker mcp gateway run --port 8080 --transport streaming", in: sandbox,
        environment: ["MCP_GATEWAY_AUTH_TOKEN": HTTPGateway.token])
      let gateway = HTTPGateway(process: process, port: 8080, transport: .streaming)
      try await gateway.waitUntilHealthy()
      let client = PublicClient(major: 2, transport: .streaming)
      let steps: [JSON] = [
        ["do": "offered", "tools": ["echo"]],
        ["do": "call", "tool": "echo", "arguments": ["text": "hello"]],
      ]
      let outcomes = try await client.perform(steps, at: gateway.target, in: sandbox)["outcomes"]
      #expect(outcomes[1]["result"].resultText == "hello")
    }
  }

  @Test func serversAndToolsAreChosen() async throws {
    try await withSandbox { sandbox in
      for name in ["server1", "server2", "server3"] { sandbox.watch(name) }
      try sandbox.serve(
        .plain("server1", tools: 3), .plain("server2", tools: 3), .plain("server3", tools: 3))
      let session = try await session(
        "docker mcp gateway run --servers server1,server2 --tools server1:* --tools server2:tool2",
        in: sandbox)
      let tools = try await session.waitForTools("those of both servers") { $0.count >= 4 }
      #expect(tools == ["server1__tool2", "server2__tool2", "tool1", "tool3"])
      #expect(try await session.call("tool1").resultText == "server1 tool1")
      #expect(try await session.call("server2__tool2").resultText == "server2 tool2")
      let ambiguous = try await session.failure(of: "tool2")
      #expect(ambiguous?.contains("server2__tool2") == true)
      let hidden = try await session.failure(of: "server2__tool3")
      #expect(hidden != nil)
    }
  }

  @Test func secretsComeFromTheFirstSourceThatHasThem() async throws {
    try await withSandbox { sandbox in
      let name = sandbox.name("everything")
      let secrets: JSON = [["name": "everything.key", "env": "EVERYTHING_KEY"]]
      try sandbox.serve(.everything(name).with("secrets", secrets))
      let value = "a-value-that-is-shown-to-nobody"
      try sandbox.write(".env", "# comment\neverything.key=\(value)\nother.key=unused\n")
      let session = try await session(
        "docker mcp gateway run --secrets=docker-desktop:./.env", in: sandbox)
      _ = try await session.waitForTools("environment") { $0.contains("environment") }
      let names = try await session.call("environment").resultText.split(separator: "\n")
      #expect(names.contains("EVERYTHING_KEY"))
      #expect(!session.process.errors.contains(value))
      #expect(!session.process.output.contains(value))
    }
  }

  @Test func callsAreLoggedWithoutValues() async throws {
    try await withSandbox { sandbox in
      let name = sandbox.name("everything")
      try sandbox.serve(.everything(name))
      let session = try await session("docker mcp gateway run --verbose --log-calls", in: sandbox)
      _ = try await session.waitForTools("echo") { $0.contains("echo") }
      _ = try await session.call("echo", ["text": "not for the log"])
      try await eventually("a line for the call") { session.process.errors.contains("echo") }
      #expect(session.process.errors.contains(name))
      #expect(!session.process.errors.contains("not for the log"))
    }
  }

  @Test func filesAreWatched() async throws {
    try await withSandbox { sandbox in
      let (first, second) = (sandbox.name("first"), sandbox.name("second"))
      let entries = [ServerEntry.plain(first, tools: 1), .everything(second)]
      try sandbox.write("home/.docker/mcp/catalogs/docker-mcp.yaml", ServerEntry.catalog(entries))
      try sandbox.write("home/.docker/mcp/registry.yaml", ServerEntry.registry([first]))
      let session = try await session("docker mcp gateway run --watch", in: sandbox)
      _ = try await session.waitForTools("tool1") { $0 == ["tool1"] }
      try sandbox.write("home/.docker/mcp/registry.yaml", ServerEntry.registry([first, second]))
      _ = try await session.notification("notifications/tools/list_changed")
      _ = try await session.waitForTools("both") { $0.contains("tool1") && $0.contains("echo") }
    }
  }

  @Test func anImageDescribesItself() async throws {
    try await withSandbox { sandbox in
      let reference = "docker.io/namespace/repository:latest"
      for name in ["described", reference] { sandbox.watch(name) }
      let session = try await session("docker mcp gateway run --server \(reference)", in: sandbox)
      _ = try await session.waitForTools("echo") { $0.contains("echo") }
      #expect(try await session.call("echo", ["text": "hello"]).resultText == "hello")
    }
  }
}
