import Wire

/// A wait that the engine has noted and not yet answered.
public struct Waiting: Sendable {
  let response: EngineResponse

  /// How the container ended. Waits for it; cancelling gives up.
  public func exit() async throws -> ContainerExit {
    let json = try await response.json()
    guard let code = json["StatusCode"]?.int else {
      throw EngineError(.malformed, response.operation, "the engine's answer has no StatusCode")
    }
    let error = json["Error"]?["Message"]?.string
    return ContainerExit(code: code, error: error.map { Printable.text($0) })
  }

  /// Gives up waiting.
  public func cancel() { response.close() }
}
