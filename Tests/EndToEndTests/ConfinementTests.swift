import Testing

/// What a container may do, seen from inside and from the engine.
@Suite struct ConfinementTests {
  @Test func aServerHasNoPowers() async throws {
    try await withSandbox { sandbox in
      let name = sandbox.name("everything")
      try sandbox.serve(.everything(name, longLived: true).with("disableNetwork", true))
      let session = try await sandbox.session()
      _ = try await session.waitForTools("confinement") { $0.contains("confinement") }
      let inside = try await session.call("confinement")["structuredContent"]
      #expect(inside["CapEff"] == "0000000000000000")
      #expect(inside["CapBnd"] == "0000000000000000")
      #expect(inside["NoNewPrivs"] == "1")
      #expect(inside["interfaces"] == ["lo"])
      #expect(inside["uid"] == 1000)
      #expect(!inside["mounts"].array.contains("/var/run/docker.sock"))

      let container = try await Machine.containers(serving: name)
      let format = "{{json .HostConfig}}"
      let limits = try JSON.parse(
        try await Machine.docker("inspect", "--format", format, container[0]))
      #expect(limits["Memory"] == .number(Double(2 << 30)))
      #expect(limits["MemorySwap"] == limits["Memory"])
      #expect(limits["NanoCpus"] == 1_000_000_000)
      #expect((limits["PidsLimit"].int ?? 0) > 0)
      #expect(limits["Privileged"] == false)
    }
  }

  @Test func aContainerCarriesTheLabelsThatUsersFilterBy() async throws {
    try await withSandbox { sandbox in
      let name = sandbox.name("everything")
      try sandbox.serve(.everything(name, longLived: true))
      let session = try await sandbox.session("--cpus", "0.5", "--memory", "512m")
      _ = try await session.waitForTools("echo") { $0.contains("echo") }
      _ = try await session.call("echo", ["text": "hello"])
      let container = try await Machine.containers(serving: name)[0]
      let whole = try JSON.parse(try await Machine.docker("inspect", container))[0]
      let labels = whole["Config"]["Labels"]
      #expect(labels["docker-mcp"] == "true")
      #expect(labels["docker-mcp-tool-type"] == "mcp")
      #expect(labels["docker-mcp-transport"] == "stdio")
      #expect(whole["HostConfig"]["NanoCpus"] == 500_000_000)
      #expect(whole["HostConfig"]["Memory"] == .number(Double(512 << 20)))
    }
  }

  /// Secrets are in nobody's process list and in no container but the one that declares them.
  @Test func onlyTheServerThatDeclaresASecretHasIt() async throws {
    try await withSandbox { sandbox in
      let (a, b) = (sandbox.name("a"), sandbox.name("b"))
      let secrets: JSON = [["name": "a.key", "env": "A_KEY"]]
      try sandbox.serve(
        .everything(a, longLived: true).with("secrets", secrets), .everything(b, longLived: true))
      let value = "secret-\(a)"
      try sandbox.write(".env", "a.key=\(value)\n")
      let session = try await sandbox.session("--secrets=./.env")
      let tools = ["\(a)__environment", "\(b)__environment"]
      _ = try await session.waitForTools("both") { Set($0).isSuperset(of: tools) }
      #expect(try await session.call(tools[0]).resultText.contains("A_KEY"))
      #expect(try await !session.call(tools[1]).resultText.contains("A_KEY"))
      #expect(Machine.processes(mentioning: value, in: ["cmdline"]).isEmpty)
    }
  }

  @Test func folderOutsideTheAllowedRootsIsNotMounted() async throws {
    try await withSandbox { sandbox in
      let name = sandbox.name("everything")
      try sandbox.serve(.everything(name).with("volumes", ["/etc:/host:ro"]))
      let run = try await sandbox.run("gateway", "run", "--dry-run")
      #expect(run.exit == .status(2))
      let said = run.output + run.errors
      #expect(said.contains("/etc") && said.contains("ever mounted"))
    }
  }

  @Test func anAllowedFolderIsMountedReadOnlyAtItsTemplate() async throws {
    try await withSandbox { sandbox in
      let name = sandbox.name("notes")
      try sandbox.write("notes/today.txt", "buy milk", mode: 0o644)
      let volume = JSON.string("{{\(name).folder|mount_as:/notes:ro}}")
      try sandbox.serve(.everything(name).with("volumes", [volume]))
      try sandbox.write(
        "home/.docker/mcp/config.yaml", "\(name):\n  folder: \(sandbox.path("notes"))\n")
      let session = try await sandbox.session(
        environment: ["MCP_GATEWAY_DOCKER_BIND_ALLOWED_PATHS": sandbox.folder])
      _ = try await session.waitForTools("read_file") { $0.contains("read_file") }
      let text = try await session.call("read_file", ["path": "/notes/today.txt"]).resultText
      #expect(text == "buy milk")
    }
  }
}
