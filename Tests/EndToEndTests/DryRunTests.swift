import Testing

/// `--dry-run` says what would be served and what is wrong, and its exit status tells the two apart.
@Suite struct DryRunTests {
  @Test func whatIsFoundIsShown() async throws {
    try await withSandbox { sandbox in
      let name = sandbox.name("everything")
      try sandbox.serve(.everything(name))
      let run = try await sandbox.run("gateway", "run", "--dry-run")
      #expect(run.exit == .status(0), "\(run.errors)")
      let shown = run.output + run.errors
      #expect(shown.contains(name) && shown.contains("mcp-gateway-test/servers:1"))
      #expect(shown.contains("19"))
    }
  }

  @Test func aServerThatFailsIsExitTwo() async throws {
    try await withSandbox { sandbox in
      let name = sandbox.name("hostile")
      try sandbox.serve(.everything(sandbox.name("good")), .hostile(name, "exit-at-once"))
      let run = try await sandbox.run("gateway", "run", "--dry-run")
      #expect(run.exit == .status(2), "\(run.output)\(run.errors)")
      #expect((run.output + run.errors).contains("the database password is wrong"))
    }
  }

  struct BadLine: Sendable, CustomTestStringConvertible {
    let arguments: [String]
    let said: [String]
    var testDescription: String { arguments.joined(separator: " ") }
  }

  static let badLines = [
    BadLine(arguments: ["--transport", "bogus"], said: ["--transport", "bogus", "streaming"]),
    BadLine(arguments: ["--port", "8080"], said: ["--port", "stdio"]),
    BadLine(arguments: ["--transport=sse", "--port=99999"], said: ["--port", "99999"]),
    BadLine(arguments: ["--memory", "lots"], said: ["--memory", "lots"]),
    BadLine(arguments: ["--cpus", "-1"], said: ["--cpus", "-1"]),
    BadLine(arguments: ["--block-network"], said: ["--block-network"]),
    BadLine(
      arguments: ["--verify-signatures", "--signature-policy", "/nowhere/policy.json"],
      said: ["/nowhere/policy.json", "does not exist"]),
    BadLine(arguments: ["--interceptor", "before:exec"], said: ["--interceptor"]),
    BadLine(arguments: ["--block-secrets=perhaps"], said: ["--block-secrets", "perhaps"]),
    BadLine(arguments: ["--catalog", "./absent.yaml"], said: ["absent.yaml"]),
    BadLine(arguments: ["--no-such-flag"], said: ["--no-such-flag"]),
  ]

  /// Before the engine is touched: the one that is named here does not exist.
  @Test(arguments: badLines)
  func aBadCommandLineIsExitTwoWithFlagAndValue(bad: BadLine) async throws {
    try await withSandbox { sandbox in
      let child = try sandbox.gateway(
        ["gateway", "run"] + bad.arguments,
        environment: ["DOCKER_HOST": "unix://\(sandbox.path("no-engine.sock"))"])
      child.closeInput()
      let exit = try await child.wait()
      #expect(exit == .status(2), "\(child.errors)")
      for word in bad.said { #expect(child.errors.contains(word), "\(child.errors)") }
      #expect(child.output.isEmpty)
    }
  }

  struct BadFile: Sendable, CustomTestStringConvertible {
    let flaw: String
    let text: String
    var testDescription: String { flaw }
  }

  static let badFiles = [
    BadFile(flaw: "truncated", text: "registry:\n  notes: {image: \"a"),
    BadFile(flaw: "wrong type", text: "- a list\n- not a mapping\n"),
    BadFile(flaw: "binary", text: "registry:\n  a\u{0}\u{1}\u{2}: {}\n"),
    BadFile(flaw: "tabs", text: "registry:\n\tnotes: {}\n"),
    BadFile(
      flaw: "alias bomb",
      text: "a: &a [x, x, x, x, x, x, x, x, x]\n"
        + (1...9).map { n in
          let before = n == 1 ? "a" : "a\(n - 1)"
          return "a\(n): &a\(n) ["
            + Array(repeating: "*\(before)", count: 9).joined(separator: ", ")
            + "]\n"
        }.joined() + "registry: {}\n"),
    BadFile(flaw: "deep", text: "registry: " + String(repeating: "[", count: 20_000)),
  ]

  @Test(
    arguments: badFiles,
    ["catalogs/docker-mcp.yaml", "registry.yaml", "config.yaml", "tools.yaml"])
  func aBadFileIsExitTwoWithItsPlace(bad: BadFile, file: String) async throws {
    try await withSandbox { sandbox in
      let name = sandbox.name("everything")
      try sandbox.serve(.everything(name))
      try sandbox.write("home/.docker/mcp/\(file)", bad.text)
      let run = try await sandbox.run("gateway", "run", "--dry-run")
      #expect(run.exit == .status(2), "\(run.output)\(run.errors)")
      let fileName = file.split(separator: "/").last.map(String.init) ?? file
      #expect(run.errors.contains("\(fileName):"), "\(run.errors)")
    }
  }
}
