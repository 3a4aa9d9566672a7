import Testing

/// Catalogs and images that come over the network, from this machine's loopback.
@Suite struct FetchTests {
  private let insecure = ["DOCKER_MCP_ALLOW_INSECURE_REMOTE_URLS": "1"]

  /// Serves the sandbox's folder `web` and gives its address.
  private func webServer(_ sandbox: Sandbox) async throws -> String {
    let port = try Machine.freePort()
    _ = try sandbox.start([
      "python3", "-m", "http.server", "\(port)", "--bind", "127.0.0.1", "--directory",
      sandbox.path("web"),
    ])
    let url = "http://127.0.0.1:\(port)"
    try await eventually("the web server") {
      (try? await Machine.output(of: ["curl", "--silent", "--fail", url + "/"])) != nil
    }
    return url
  }

  @Test func aCatalogIsFetchedWhenItMayBe() async throws {
    try await withSandbox { sandbox in
      let name = sandbox.name("plain")
      try sandbox.write("web/catalog.yaml", ServerEntry.catalog([.plain(name, tools: 1)]))
      let url = try await webServer(sandbox) + "/catalog.yaml"
      let session = try await sandbox.session(
        "--catalog", url, "--servers", name, environment: insecure)
      _ = try await session.waitForTools("tool1") { $0 == ["tool1"] }
      #expect(try await session.call("tool1").resultText == "\(name) tool1")

      let refused = try await sandbox.run("gateway", "run", "--dry-run", "--catalog", url)
      #expect(refused.exit == .status(2))
      #expect(refused.errors.contains("DOCKER_MCP_ALLOW_INSECURE_REMOTE_URLS"), "\(refused.errors)")
    }
  }

  @Test(arguments: ["/absent.yaml", "/huge.yaml"])
  func aCatalogThatCannotBeUsedIsAnError(path: String) async throws {
    try await withSandbox { sandbox in
      try sandbox.write("web/huge.yaml", String(repeating: "# padding\n", count: 5_000_000))
      let url = try await webServer(sandbox) + path
      let run = try await sandbox.run(
        "gateway", "run", "--dry-run", "--catalog", url, environment: insecure)
      #expect(run.exit == .status(2))
      #expect(run.errors.contains(url), "\(run.errors)")
    }
  }

  @Test func anImageIsPulledFromARegistry() async throws {
    try await withSandbox { sandbox in
      let port = try Machine.freePort()
      let configuration = """
        version: 0.1
        storage: {filesystem: {rootdirectory: \(sandbox.path("registry"))}}
        http: {addr: "127.0.0.1:\(port)"}
        log: {level: error}
        """
      let file = try sandbox.write("registry.yml", configuration)
      let registry = try await Machine.registryProgram()
      _ = try sandbox.start([registry, "serve", file])
      let image = "127.0.0.1:\(port)/test/servers-\(port):1"
      try await eventually("the registry") {
        let url = "http://127.0.0.1:\(port)/v2/"
        return (try? await Machine.output(of: ["curl", "--silent", "--fail", url])) != nil
      }
      _ = try await Machine.docker("tag", "mcp-gateway-test/servers:1", image)
      _ = try await Machine.docker("push", "--quiet", image)
      _ = try await Machine.docker("rmi", image)

      let name = sandbox.name("pulled")
      let command = ["/srv/everything.py", "--name", name]
      try sandbox.serve(.image(image, name: name, command: command))
      let session = try await sandbox.session()
      _ = try await session.waitForTools(within: .seconds(60), "echo") { $0.contains("echo") }
      #expect(try await session.call("echo", ["text": "hello"]).resultText == "hello")
      _ = try await session.end()
      _ = try await Machine.docker("rmi", image)
    }
  }
}
