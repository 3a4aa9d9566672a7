import Logging
import NIOCore
import NIOPosix
import Synchronization
import Wire

/// The container engine (Docker Engine API 1.41 and newer). The only way of this program to it; no
/// `docker` process is ever started.
///
/// Nothing is asked before the first call; that one also agrees on the version of the API. Every
/// call ends: with an answer, an ``EngineError``, or `CancellationError` if its task is cancelled.
public final class Engine: Sendable {
  public let endpoint: EngineEndpoint
  let transport: EngineTransport
  let logger: Logger
  private let agreed = Mutex<APIVersion?>(nil)

  public init(
    _ endpoint: EngineEndpoint, logger: Logger,
    group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
  ) {
    self.endpoint = endpoint
    self.logger = logger
    transport = EngineTransport(endpoint: endpoint, group: group)
  }

  /// The version of the API in use: the newest that both sides know.
  public func apiVersion() async throws -> APIVersion {
    if let known = agreed.withLock({ $0 }) { return known }
    let version = try await negotiate()
    agreed.withLock { $0 = version }
    return version
  }

  private func negotiate() async throws -> APIVersion {
    var request = EngineRequest("reach the engine at \(endpoint)", .GET, "/_ping")
    request.limit = .whole(.seconds(10))
    let response = try await transport.send(request, version: nil).succeeded()
    let offered = response.headers.first(name: "Api-Version") ?? ""
    _ = try await response.collect(upTo: 4096)
    guard let version = APIVersion(offered) else {
      throw EngineError(
        .malformed, request.operation, "what answers there does not name an Engine API version")
    }
    guard version >= .oldest else {
      throw EngineError(
        .tooOld, request.operation,
        "the engine speaks API \(version); \(APIVersion.oldest) is the oldest that will do",
        hint: "update the engine to 20.10 or newer")
    }
    return min(version, .newest)
  }

  /// Sends a request under the agreed version; failing statuses become errors.
  func send(_ request: EngineRequest) async throws -> EngineResponse {
    let version = try await apiVersion()
    logger.debug("engine call", metadata: ["operation": "\(request.operation)"])
    return try await transport.send(request, version: version).succeeded()
  }

  /// The JSON that answers a request.
  func json(_ request: EngineRequest) async throws -> JSONText {
    try await send(request).json()
  }

  /// For requests whose answer has nothing to say.
  func perform(_ request: EngineRequest) async throws {
    _ = try await send(request).collect(upTo: 1 << 20)
  }
}
