import NIOCore
import NIOHTTP1

extension Engine {
  /// Connects to a container's standard streams. Attach before ``start(_:)``: what a container
  /// prints before somebody is attached is lost.
  ///
  /// - Parameter onStderrLine: gets each line of standard error, made printable. Called on an event
  ///   loop: it must return at once.
  public func attach(
    _ id: ContainerID, onStderrLine: (@Sendable (String) -> Void)? = nil
  ) async throws -> Attachment {
    let version = try await apiVersion()
    var request = EngineRequest("attach to container \(id)", .POST, "\(id.path)/attach")
    request.query = [("stream", "1"), ("stdin", "1"), ("stdout", "1"), ("stderr", "1")]
    let result = try await upgrade(request, version: version, onStderrLine)
    switch result {
    case .attached(let attachment): return attachment
    case .answered(let answer):
      let response = try await answer.get().succeeded()
      response.close()
      throw EngineError(
        .malformed, request.operation, status: response.status,
        "the engine did not switch the connection to the container's streams")
    }
  }

  private func upgrade(
    _ request: EngineRequest, version: APIVersion, _ onStderrLine: (@Sendable (String) -> Void)?
  ) async throws -> AttachResult {
    let head = request.head(version: version, host: transport.host)
    let limit = request.limit.duration
    let (channel, result) = try await transport.connect(request.operation, timeout: limit) {
      channel in
      channel.eventLoop.makeCompletedFuture {
        let result = try StdioUpgrade.configure(
          channel, request: request, head: head, onStderrLine: onStderrLine)
        return (channel, result)
      }
    }
    return try await EngineTransport.closingWhenCancelled(channel) {
      do { return try await result.get() } catch {
        throw EngineError.transport(request.operation, error)
      }
    }
  }
}
