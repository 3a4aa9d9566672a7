import Foundation

/// A gateway that listens on a port of its own on loopback.
struct HTTPGateway: Sendable {
  let process: ChildProcess
  let port: Int
  let transport: PublicClient.Transport

  /// What the tests give every gateway; long enough to be found by accident nowhere.
  static let token = "end-to-end-token-\(UInt64.random(in: .min ... .max))"

  var url: String { "http://127.0.0.1:\(port)/\(transport == .sse ? "sse" : "mcp")" }
  var target: JSON { ["url": .string(url), "token": .string(Self.token)] }

  /// Status of a request made with curl, and its body.
  func curl(_ arguments: String..., path: String? = nil) async throws -> (status: Int, body: String)
  {
    let address = path.map { "http://127.0.0.1:\(port)\($0)" } ?? url
    let output = try await Machine.output(
      of: ["curl", "--silent", "--max-time", "10", "--write-out", "\n%{http_code}"] + arguments
        + [address])
    let lines = output.split(separator: "\n", omittingEmptySubsequences: false)
    return (Int(lines.last ?? "") ?? 0, lines.dropLast().joined(separator: "\n"))
  }

  /// Waits until `/health` says that the servers have been listed.
  func waitUntilHealthy(within limit: Duration = .seconds(60)) async throws {
    try await eventually(within: limit, "health of \(url)\n\(process.errors.suffix(2000))") {
      if let ended = process.ended {
        throw TimedOut(description: "ended: \(ended)\n\(process.errors)")
      }
      return (try? await curl(path: "/health").status) == 200
    }
  }
}

extension Sandbox {
  func listen(
    _ transport: PublicClient.Transport, _ arguments: String..., port: Int? = nil
  ) async throws -> HTTPGateway {
    let port = try port ?? Machine.freePort()
    let command =
      ["gateway", "run", "--transport", transport.rawValue, "--port", "\(port)"] + arguments
    let process = try gateway(command, environment: ["MCP_GATEWAY_AUTH_TOKEN": HTTPGateway.token])
    let gateway = HTTPGateway(process: process, port: port, transport: transport)
    try await gateway.waitUntilHealthy()
    return gateway
  }
}
