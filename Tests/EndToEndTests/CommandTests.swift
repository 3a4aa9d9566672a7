import Testing

/// Commands other than `gateway run`, as people type them.
@Suite struct CommandTests {
  @Test func theVersionNeedsNoEngine() async throws {
    try await withSandbox { sandbox in
      let nowhere = ["DOCKER_HOST": "unix:///no/engine.sock"]
      let run = try await sandbox.run("version", environment: nowhere)
      #expect(run.exit == .status(0))
      #expect(run.output.contains("."))
    }
  }

  @Test func toolsAreListedCountedInspectedAndCalled() async throws {
    try await withSandbox { sandbox in
      try sandbox.serve(.everything(sandbox.name("everything")))
      let list = try await sandbox.run("tools", "ls")
      #expect(list.exit == .status(0), "\(list.errors)")
      #expect(list.output.contains("echo") && list.output.contains("19"))

      let json = try await sandbox.run("tools", "ls", "--format", "json")
      let names = try JSON.parse(json.output).array.compactMap(\.["name"].string)
      #expect(names.contains("echo") && names.count == 19, "\(json.output)")

      let count = try await sandbox.run("tools", "count")
      #expect(count.output.contains("19"))

      let inspected = try await sandbox.run("tools", "inspect", "add")
      #expect(inspected.output.contains("Adds two numbers."))

      let echo = try await sandbox.run("tools", "call", "echo", "text=hello there")
      #expect(echo.exit == .status(0) && echo.output.contains("hello there"))

      let add = try await sandbox.run("tools", "call", "add", "--args", #"{"a": 2, "b": 3}"#)
      #expect(add.output.contains("5"), "\(add.output)\(add.errors)")

      let failing = try await sandbox.run("tools", "call", "fail")
      #expect(failing.exit == .status(1))
      #expect((failing.output + failing.errors).contains("this tool always fails"))

      let unknown = try await sandbox.run("tools", "call", "no_such_tool")
      #expect(unknown.exit == .status(1))
      #expect((unknown.output + unknown.errors).contains("no_such_tool"))
    }
  }

  @Test func serversAreEnabledAndDisabled() async throws {
    try await withSandbox { sandbox in
      let (a, b) = (sandbox.name("a"), sandbox.name("b"))
      let catalog = ServerEntry.catalog([.plain(a, tools: 1), .plain(b, tools: 1)])
      try sandbox.write("home/.docker/mcp/catalogs/docker-mcp.yaml", catalog)
      #expect(try await sandbox.run("server", "enable", a, b).exit == .status(0))
      #expect(try await sandbox.run("server", "disable", b).exit == .status(0))
      let list = try await sandbox.run("server", "ls")
      #expect(list.output.contains(a) && !list.output.contains(b))
      let unknown = try await sandbox.run("server", "enable", "no-such-server")
      #expect(unknown.exit != .status(0))
      #expect(unknown.errors.contains("no-such-server"))
      let session = try await sandbox.session()
      _ = try await session.waitForTools("tool1") { $0 == ["tool1"] }
      #expect(try await session.call("tool1").resultText == "\(a) tool1")
    }
  }

  @Test func aStoredSecretReachesItsServer() async throws {
    try await withSandbox { sandbox in
      let secrets: JSON = [["name": "a.key", "env": "A_KEY"]]
      try sandbox.serve(.everything(sandbox.name("a")).with("secrets", secrets))
      let set = try sandbox.gateway(["secret", "set", "a.key"])
      try set.write("hidden-value")
      set.closeInput()
      #expect(try await set.wait() == .status(0), "\(set.errors)")
      let list = try await sandbox.run("secret", "ls")
      #expect(list.output.contains("a.key") && !list.output.contains("hidden-value"))
      let session = try await sandbox.session()
      _ = try await session.waitForTools("environment") { $0.contains("environment") }
      #expect(try await session.call("environment").resultText.contains("A_KEY"))
      #expect(try await sandbox.run("secret", "rm", "a.key").exit == .status(0))
    }
  }

  @Test func theDockerCLIKnowsThePlugin() async throws {
    try await withSandbox { sandbox in
      try sandbox.installPlugin()
      let version = try sandbox.start(["docker", "mcp", "version"])
      #expect(try await version.wait() == .status(0), "\(version.errors)")
      let help = try sandbox.start(["docker", "--help"])
      _ = try await help.wait()
      #expect(help.output.contains("mcp*"))
    }
  }

  @Test func theDoctorSeesTheEngine() async throws {
    try await withSandbox { sandbox in
      let well = try await sandbox.run("doctor")
      #expect(well.exit == .status(0), "\(well.output)\(well.errors)")
      let ill = try await sandbox.run(
        "doctor", environment: ["DOCKER_HOST": "unix:///no/engine.sock"])
      #expect(ill.exit != .status(0))
      #expect((ill.output + ill.errors).contains("/no/engine.sock"))
    }
  }
}
