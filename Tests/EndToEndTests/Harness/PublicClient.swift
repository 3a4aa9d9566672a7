import Foundation
import Testing

/// The public Python client of MCP, driven by a list of steps.
struct PublicClient: Sendable, CustomTestStringConvertible {
  enum Transport: String, Sendable, CaseIterable { case stdio, sse, streaming }

  struct Failed: Error, CustomStringConvertible {
    let description: String
  }

  let major: Int
  let transport: Transport

  static let all = Transport.allCases.flatMap { transport in
    [1, 2].map { PublicClient(major: $0, transport: transport) }
  }

  var testDescription: String { "mcp \(major).x over \(transport.rawValue)" }

  /// Connects to the server, performs the steps, and gives one outcome per step.
  func perform(
    _ steps: [JSON], at target: JSON, in sandbox: Sandbox, within limit: Duration = .seconds(90)
  ) async throws -> JSON {
    let python = try await Machine.python(client: major)
    let script = Machine.project + "/Tests/EndToEndTests/clients/session.py"
    let child = try sandbox.start([python, script])
    try child.write(
      JSON.object([
        "transport": .string(transport.rawValue), "target": target, "steps": .array(steps),
      ]).text)
    child.closeInput()
    guard try await child.wait(within: limit) == .status(0) else {
      throw Failed(description: "\(testDescription):\n\(child.errors.suffix(4000))")
    }
    return try JSON.parse(child.output)
  }
}
