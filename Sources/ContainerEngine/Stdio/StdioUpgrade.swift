import NIOCore
import NIOHTTP1

/// What came of asking for a container's streams.
enum AttachResult: Sendable {
  case attached(Attachment)
  /// The engine answered like any other request: it says why not.
  case answered(EventLoopFuture<EngineResponse>)
}

/// Turns an HTTP connection into a container's streams ("hijacking" in the Engine API).
struct StdioUpgrade: NIOTypedHTTPClientProtocolUpgrader {
  let supportedProtocol = "tcp"
  let requiredUpgradeHeaders: [String] = []
  let onStderrLine: (@Sendable (String) -> Void)?

  func addCustom(upgradeRequestHeaders: inout HTTPHeaders) {}

  func shouldAllowUpgrade(upgradeResponse: HTTPResponseHead) -> Bool { true }

  func upgrade(
    channel: any Channel, upgradeResponse: HTTPResponseHead
  ) -> EventLoopFuture<AttachResult> {
    channel.eventLoop.makeCompletedFuture {
      .attached(try Attachment(channel: channel, onStderrLine: onStderrLine))
    }
  }

  /// Sets up a fresh connection to ask; the future says what came of it.
  static func configure(
    _ channel: any Channel, request: EngineRequest, head: HTTPRequestHead,
    onStderrLine: (@Sendable (String) -> Void)?
  ) throws -> EventLoopFuture<AttachResult> {
    let upgrade = NIOTypedHTTPClientUpgradeConfiguration(
      upgradeRequestHead: head, upgraders: [StdioUpgrade(onStderrLine: onStderrLine)]
    ) { readAnswer(on: $0, to: request, head) }
    var pipeline = NIOUpgradableHTTPClientPipelineConfiguration(upgradeConfiguration: upgrade)
    // The engine may send the first frames in one packet with its consent.
    pipeline.leftOverBytesStrategy = .forwardBytes
    let result = try channel.pipeline.syncOperations.configureUpgradableHTTPClientPipeline(
      configuration: pipeline)
    let limit = request.limit.duration
    let timer = channel.eventLoop.scheduleTask(in: limit) {
      channel.pipeline.fireErrorCaught(EngineError.timeout(request.operation, limit))
      channel.close(promise: nil)
    }
    result.whenComplete { _ in timer.cancel() }
    return result
  }

  private static func readAnswer(
    on channel: any Channel, to request: EngineRequest, _ head: HTTPRequestHead
  ) -> EventLoopFuture<AttachResult> {
    channel.eventLoop.makeCompletedFuture {
      let answer = channel.eventLoop.makePromise(of: HTTPResponseHead.self)
      let body = ByteQueue()
      try channel.pipeline.syncOperations.addHandler(
        ExchangeHandler(request, head, head: answer, body: body))
      // The head reaches the handler only after this future has completed: it is passed on, not
      // waited for.
      return .answered(
        answer.futureResult.map { EngineResponse(request.operation, $0, body, channel) })
    }
  }
}
