import Testing

/// What no good client sends is answered as the specification wants, and the gateway lives on.
@Suite struct ProbeTests {
  @Test(arguments: ["stdio", "streaming", "modern", "sse"])
  func everyProbeIsAnsweredAsSpecified(table: String) async throws {
    try await withSandbox { sandbox in
      let script = Machine.project + "/Tests/EndToEndTests/probes/probes.py"
      let command = [
        "python3", script, "--gateway", try Machine.gateway, "--name", sandbox.name("probed"),
        table,
      ]
      let child = try sandbox.start(command, environment: Machine.environment)
      child.closeInput()
      let exit = try await child.wait(within: .seconds(300))
      #expect(exit == .status(0), "\(child.output)\n\(child.errors.suffix(4000))")
    }
  }
}
