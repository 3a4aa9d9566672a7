import Glibc
import Testing

/// Containers, processes and sessions end when their owner does.
@Suite struct LifetimeTests {
  @Test func aContainerServesOneCallUnlessItIsLongLived() async throws {
    try await withSandbox { sandbox in
      let (short, long) = (sandbox.name("short"), sandbox.name("long"))
      try sandbox.serve(.everything(short), .everything(long, longLived: true))
      let session = try await sandbox.session()
      let (perCall, kept) = ("\(short)__instance", "\(long)__instance")
      _ = try await session.waitForTools("both") { $0.contains(perCall) && $0.contains(kept) }
      let first = try await session.call(perCall)["structuredContent"]
      let second = try await session.call(perCall)["structuredContent"]
      #expect(first["instance"] != second["instance"])
      #expect(second["call"] == 1)
      let third = try await session.call(kept)["structuredContent"]
      let fourth = try await session.call(kept)["structuredContent"]
      #expect(third["instance"] == fourth["instance"])
      #expect(fourth["call"] == 2)
      #expect(try await Machine.containers(serving: long).count == 1)
    }
  }

  @Test func withoutWarmContainersNoneIsLeftAfterACall() async throws {
    try await withSandbox { sandbox in
      let name = sandbox.name("everything")
      try sandbox.serve(.everything(name))
      let session = try await sandbox.session("--warm", "0")
      _ = try await session.waitForTools("echo") { $0.contains("echo") }
      _ = try await session.call("echo", ["text": "hello"])
      try await eventually(within: .seconds(10), "no container") {
        try await Machine.containers(serving: name).isEmpty
      }
    }
  }

  @Test func longLivedServersBelongToOneSession() async throws {
    try await withSandbox { sandbox in
      try sandbox.serve(.everything(sandbox.name("everything"), longLived: true))
      let gateway = try await sandbox.listen(.streaming)
      let steps: [JSON] = [
        ["do": "offered", "tools": ["instance"]], ["do": "call", "tool": "instance"],
        ["do": "call", "tool": "instance"],
      ]
      let client = PublicClient(major: 2, transport: .streaming)
      let first = try await client.perform(steps, at: gateway.target, in: sandbox)["outcomes"]
      let second = try await client.perform(steps, at: gateway.target, in: sandbox)["outcomes"]
      #expect(first[1]["result"].resultText == first[2]["result"].resultText)
      #expect(first[1]["result"].resultText != second[1]["result"].resultText)
    }
  }

  @Test(arguments: [SIGTERM, SIGINT, SIGHUP])
  func aSignalEndsEverything(number: Int32) async throws {
    try await withSandbox { sandbox in
      let name = sandbox.name("everything")
      try sandbox.serve(.everything(name, longLived: true))
      let session = try await sandbox.session()
      _ = try await session.waitForTools("slow") { $0.contains("slow") }
      _ = try session.post("tools/call", ["name": "slow", "arguments": ["seconds": 60]])
      try await eventually("a container") { try await !Machine.containers(serving: name).isEmpty }
      session.process.send(number)
      #expect(try await session.process.wait(within: .seconds(15)) == .status(0))
      #expect(try await Machine.containers(serving: name).isEmpty)
    }
  }

  @Test func theEndOfStandardInputEndsEverything() async throws {
    try await withSandbox { sandbox in
      let name = sandbox.name("everything")
      try sandbox.serve(.everything(name, longLived: true))
      let session = try await sandbox.session()
      _ = try await session.waitForTools("echo") { $0.contains("echo") }
      _ = try await session.call("echo", ["text": "hello"])
      #expect(try await session.end() == .status(0))
      #expect(try await Machine.containers(serving: name).isEmpty)
    }
  }

  /// The docker CLI leaves its plugins running when it is killed.
  @Test(arguments: [SIGTERM, SIGKILL])
  func theEndOfTheDockerCLIEndsEverything(number: Int32) async throws {
    try await withSandbox { sandbox in
      let name = sandbox.name("everything")
      try sandbox.serve(.everything(name, longLived: true))
      try sandbox.installPlugin()
      let session = RawSession(try sandbox.start(["docker", "mcp", "gateway", "run"]))
      try await session.initialize()
      _ = try await session.waitForTools("echo") { $0.contains("echo") }
      _ = try await session.call("echo", ["text": "hello"])
      session.process.send(number)
      try await eventually(within: .seconds(15), "end of all processes") {
        Machine.processes(mentioning: sandbox.folder).isEmpty
      }
    }
  }

  @Test func aKilledGatewayLeavesNothingThatTheNextDoesNotRemove() async throws {
    try await withSandbox { sandbox in
      let (short, long) = (sandbox.name("short"), sandbox.name("long"))
      try sandbox.serve(.everything(short), .everything(long, longLived: true))
      let session = try await sandbox.session()
      let slow = ["\(short)__slow", "\(long)__slow"]
      _ = try await session.waitForTools("both") { Set($0).isSuperset(of: slow) }
      for tool in slow {
        for _ in 1...3 {
          _ = try session.post("tools/call", ["name": .string(tool), "arguments": ["seconds": 60]])
        }
      }
      let old = try await eventually("containers of both") { () -> [String]? in
        let (a, b) = try await (
          Machine.containers(serving: short), Machine.containers(serving: long)
        )
        return a.count >= 3 && b.count >= 1 ? a + b : nil
      }
      session.process.send(SIGKILL)
      #expect(try await session.process.wait() == .signal(SIGKILL))

      let next = try await sandbox.session()
      try await eventually(within: .seconds(20), "end of \(old); \(next.process.errors)") {
        let left = try await Machine.containers(serving: short) + Machine.containers(serving: long)
        return Set(left).isDisjoint(with: old)
      }
    }
  }

  @Test func aGatewayDoesNotTouchTheContainersOfAnother() async throws {
    try await withSandbox { sandbox in
      let name = sandbox.name("everything")
      try sandbox.serve(.everything(name, longLived: true))
      let first = try await sandbox.session()
      _ = try await first.waitForTools("instance") { $0.contains("instance") }
      let before = try await first.call("instance").resultText
      let second = try await sandbox.session()
      _ = try await second.waitForTools("instance") { $0.contains("instance") }
      #expect(try await second.call("instance").resultText != before)
      #expect(try await second.end() == .status(0))
      #expect(try await first.call("instance").resultText == before)
    }
  }

  @Test func nothingIsLeftOfTwoHundredVanishedClients() async throws {
    try await withSandbox { sandbox in
      let name = sandbox.name("everything")
      try sandbox.serve(.everything(name))
      let gateway = try await sandbox.listen(.streaming, "--warm", "0")
      let script = Machine.project + "/Tests/EndToEndTests/clients/vanish.py"
      let client = try sandbox.start(
        ["python3", script, gateway.url, "20", "10"],
        environment: ["MCP_GATEWAY_AUTH_TOKEN": HTTPGateway.token])
      #expect(try await client.wait(within: .seconds(120)) == .status(0), "\(client.errors)")
      #expect(client.output == "200 vanished\n")
      // Losing a connection cancels nothing: the calls come to their own end.
      try await eventually(within: .seconds(150), "end of the containers") {
        try await Machine.containers(serving: name).isEmpty
      }
      #expect(try await gateway.curl(path: "/health").status == 200)
    }
  }
}
