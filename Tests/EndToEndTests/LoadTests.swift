import Testing

/// Many sessions at once, most of them idle. The figures for a thousand are in docs/performance.md.
@Suite struct LoadTests {
  @Test(arguments: [false, true])
  func idleSessionsAreCheapAndBusyOnesGetTheirAnswers(streams: Bool) async throws {
    try await withSandbox { sandbox in
      let script = Machine.project + "/scripts/python/load.py"
      let command =
        [
          "python3", script, try Machine.gateway, "--name", sandbox.name("load"), "--idle", "200",
          "--busy", "10", "--calls", "50",
        ] + (streams ? ["--streams"] : [])
      let child = try sandbox.start(command, environment: Machine.environment)
      child.closeInput()
      let exit = try await child.wait(within: .seconds(240))
      try #require(exit == .status(0), "\(child.errors.suffix(4000))")
      let measured = try JSON.parse(child.output)
      #expect(measured["calls"] == 500)
      guard case .number(let kilobytes) = measured["kilobytesPerIdleSession"] else {
        Issue.record("no figure in \(child.output)")
        return
      }
      // A program that is not optimized needs more than the 20 kB that an optimized one is held to,
      // and a stream is a connection with buffers of its own.
      #expect(kilobytes > 0)
      #expect(kilobytes < (streams ? 160 : 80))
    }
  }
}
