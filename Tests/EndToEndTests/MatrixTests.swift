import Testing

/// A client sees of a server through the gateway what it sees directly: public clients of two
/// majors each, every transport, servers on both majors of the SDK.
@Suite struct MatrixTests {
  /// client/transport/server/upstream; between them every two values of different parts meet.
  static let rows = [
    "mcp-1/stdio/1/container", "mcp-1/streaming/2/streaming", "mcp-2/stdio/2/sse",
    "mcp-2/sse/1/streaming", "mcp-2-legacy/streaming/1/sse", "mcp-2-legacy/sse/2/container",
    "fastmcp-3/stdio/1/streaming", "fastmcp-3/streaming/2/container", "fastmcp-4/sse/1/sse",
    "fastmcp-4/stdio/2/container", "mcp-1/sse/1/sse", "mcp-2/streaming/1/container",
    "mcp-2-legacy/stdio/1/streaming", "fastmcp-3/sse/1/sse", "fastmcp-4/streaming/1/streaming",
  ]

  @Test func theRowsHoldAllPairs() async throws {
    let listed = try await Machine.output(of: ["python3", script, "--list", "--pairs"])
    #expect(listed.split(separator: "\n").map(String.init) == Self.rows)
  }

  @Test(arguments: rows)
  func theGatewayIsInvisible(row: String) async throws {
    try await withSandbox { sandbox in
      let name = sandbox.name("everything")
      let program = try Machine.gateway
      let child = try sandbox.start(
        ["python3", script, "--gateway", program, "--name", name, row],
        environment: Machine.environment)
      child.closeInput()
      let exit = try await child.wait(within: .seconds(300))
      #expect(exit == .status(0), "\(child.output)\n\(child.errors.suffix(4000))")
    }
  }

  private var script: String { Machine.project + "/Tests/EndToEndTests/matrix/matrix.py" }
}
