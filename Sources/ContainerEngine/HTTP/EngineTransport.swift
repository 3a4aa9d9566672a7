import NIOCore
import NIOHTTP1
import NIOPosix

/// Carries requests to the engine: a connection for each, so that none waits for another and
/// cancelling is closing.
struct EngineTransport: Sendable {
  let endpoint: EngineEndpoint
  let group: any EventLoopGroup

  /// The `Host` header: the engine refuses requests without one, whatever the socket.
  var host: String {
    switch endpoint {
    case .unix: "docker"
    case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
  }

  /// Sends a request and returns when the head of the answer is here. Cancelling closes the
  /// connection.
  func send(_ request: EngineRequest, version: APIVersion?) async throws -> EngineResponse {
    let connection = try await open(request, version: version)
    let head = try await Self.closingWhenCancelled(connection.channel) {
      try await Self.upload(request.body, to: connection.channel)
      return try await connection.head.get()
    }
    return EngineResponse(request.operation, head, connection.body, connection.channel)
  }

  private struct Connection: Sendable {
    let channel: any Channel
    let head: EventLoopFuture<HTTPResponseHead>
    let body: ByteQueue
  }

  private func open(
    _ request: EngineRequest, version: APIVersion?
  ) async throws -> Connection {
    let head = request.head(version: version, host: host)
    return try await connect(request.operation, timeout: request.limit.duration) { channel in
      channel.eventLoop.makeCompletedFuture {
        let promise = channel.eventLoop.makePromise(of: HTTPResponseHead.self)
        let body = ByteQueue()
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(ReadBrake(body))
        try pipeline.addHTTPClientHandlers()
        try pipeline.addHandler(ExchangeHandler(request, head, head: promise, body: body))
        return Connection(channel: channel, head: promise.futureResult, body: body)
      }
    }
  }

  /// Connects, with every failure explained. A connection made after we were cancelled is closed.
  func connect<Output: Sendable>(
    _ operation: String, timeout: TimeAmount,
    _ prepare: @escaping @Sendable (any Channel) -> EventLoopFuture<Output>
  ) async throws -> Output {
    try Task.checkCancellation()
    // The loop that asks, where one does: its calls then change no thread.
    let bootstrap = ClientBootstrap(group: group.any()).connectTimeout(timeout)
    do {
      switch endpoint {
      case .unix(let path):
        return try await bootstrap.connect(unixDomainSocketPath: path, channelInitializer: prepare)
      case .tcp(let host, let port):
        return try await bootstrap.channelOption(.tcpOption(.tcp_nodelay), value: 1)
          .connect(host: host, port: port, channelInitializer: prepare)
      }
    } catch { throw EngineError.transport(operation, error) }
  }

  /// Runs `work`; a cancelled task closes the connection and gets `CancellationError`.
  static func closingWhenCancelled<Value: Sendable>(
    _ channel: any Channel, _ work: () async throws -> Value
  ) async throws -> Value {
    try await withTaskCancellationHandler {
      do { return try await work() } catch {
        channel.close(promise: nil)
        try Task.checkCancellation()
        throw error
      }
    } onCancel: {
      channel.close(promise: nil)
    }
  }

  /// The connection ended while we were still sending; the engine's answer says more.
  private struct UploadStopped: Error {}

  private static func upload(_ body: EngineRequest.Body, to channel: any Channel) async throws {
    guard case .stream(let source) = body else { return }
    func send(_ part: HTTPClientRequestPart) async throws {
      do { try await channel.writeAndFlush(part) } catch { throw UploadStopped() }
    }
    do {
      try await source { try await send(.body(.byteBuffer($0))) }
      try await send(.end(nil))
    } catch is UploadStopped {}
  }
}
