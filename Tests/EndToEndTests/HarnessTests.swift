import Testing

/// The harness itself, without a gateway: what it reports about a server that is talked to directly
/// is what the other tests rely on.
@Suite struct HarnessTests {
  private func direct(_ sandbox: Sandbox, _ name: String, _ command: String...) throws -> RawSession
  {
    let docker = [
      "docker", "run", "--interactive", "--rm", "--network", "none",
      "--label", "docker-mcp-name=\(name)", "mcp-gateway-test/servers:1",
    ]
    return RawSession(try sandbox.start(docker + command))
  }

  @Test func theWellBehavedServerAnswersEveryKindOfRequest() async throws {
    try await withSandbox { sandbox in
      let session = try direct(sandbox, sandbox.name("direct"), "/srv/everything.py")
      try await session.initialize()
      #expect(try await session.call("echo", ["text": "häh\n"]).resultText == "häh\n")
      #expect(try await session.call("fail")["isError"] == true)
      await #expect(throws: RawSession.Refused.self) { try await session.call("protocol_error") }
      #expect(try await session.list("resources/list", "resources").count == 12)
      #expect(try await session.list("prompts/list", "prompts").count == 8)
      let completion: JSON = [
        "ref": ["type": "ref/prompt", "name": "greet"],
        "argument": ["name": "language", "value": "E"],
      ]
      let values = try await session.request("completion/complete", completion)["completion"]
      #expect(values["values"] == ["English", "Esperanto"])
      #expect(
        try await session.call("big", ["bytes": 3_000_000]).resultText.utf8.count == 3_000_000)
      #expect(try await session.end() == .status(0))
    }
  }

  @Test func aCancelledCallOfTheWellBehavedServerIsNotAnswered() async throws {
    try await withSandbox { sandbox in
      let session = try direct(sandbox, sandbox.name("direct"), "/srv/everything.py")
      try await session.initialize()
      let call = try session.post("tools/call", ["name": "slow", "arguments": ["seconds": 10]])
      try session.notify("notifications/cancelled", ["requestId": .number(Double(call))])
      try await eventually("the server to notice") { session.process.errors.contains("cancelled") }
      #expect(try session.received().allSatisfy { $0["id"].int != call })
    }
  }

  @Test func aContainerIsSeenWhileItRunsAndNotAfterwards() async throws {
    try await withSandbox { sandbox in
      let name = sandbox.name("direct")
      let session = try direct(sandbox, name, "/srv/everything.py")
      try await session.initialize()
      #expect(try await Machine.containers(serving: name).count == 1)
      #expect(Machine.processes(mentioning: sandbox.folder).contains(session.process.identifier))
      _ = try await session.end()
      try await eventually("no container") {
        try await Machine.containers(serving: name).isEmpty
      }
      #expect(Machine.processes(mentioning: sandbox.folder).isEmpty)
    }
  }

  @Test(arguments: [
    (["sh", "-c", "exit 3"], ChildProcess.Exit.status(3)),
    (["sh", "-c", "kill -9 $$"], .signal(9)),
    (["/no/such/program"], .status(127)),
  ])
  func theEndOfAProgramIsToldApart(command: [String], end: ChildProcess.Exit) async throws {
    try await withSandbox { sandbox in
      let exit = try await sandbox.start(command).wait()
      #expect(exit == end)
    }
  }
}
