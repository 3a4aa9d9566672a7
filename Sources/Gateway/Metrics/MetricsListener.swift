import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import Wire

/// `/metrics` on a port of its own, on loopback only: it says which servers and tools are used how
/// much, and asks for no token.
final class MetricsListener: Sendable {
  /// A scraper needs one.
  fileprivate static let mostConnections = 16
  /// From the first byte to the last; there are no long requests here.
  fileprivate static let longestExchange = TimeAmount.seconds(10)

  let metrics: CallMetrics
  private let channel: any Channel
  let port: Int

  private init(_ metrics: CallMetrics, _ channel: any Channel, port: Int) {
    self.metrics = metrics
    self.channel = channel
    self.port = channel.localAddress?.port ?? port
  }

  var url: String { "http://127.0.0.1:\(port)/metrics" }

  /// Takes the port; 0 takes any.
  static func bind(port: Int, _ metrics: CallMetrics) async throws(Problem) -> MetricsListener {
    let open = Connections()
    do {
      let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
        .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        .serverChannelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(AcceptBackoffHandler())
          }
        }
        .childChannelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.configureHTTPServerPipeline(
              withPipeliningAssistance: false)
            try channel.pipeline.syncOperations.addHandler(ScrapeHandler(metrics, open))
          }
        }
        .bind(host: "127.0.0.1", port: port).get()
      return MetricsListener(metrics, channel, port: port)
    } catch {
      let reason =
        (error as? IOError).map { unsafe String(cString: strerror($0.errnoCode)) } ?? "\(error)"
      throw Problem(
        source: "--metrics-port", "cannot listen on port \(port): \(reason)",
        hint: "choose another")
    }
  }

  func close() async {
    // It may be closed already; either way nobody listens any more.
    try? await channel.close()
  }

  /// How many connections are open.
  fileprivate final class Connections: Sendable {
    let count = Atomic<Int>(0)
  }
}

/// Answers one request and closes.
private final class ScrapeHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let metrics: CallMetrics
  private let open: MetricsListener.Connections
  private var deadline: Scheduled<Void>?
  private var isAnswered = false

  init(_ metrics: CallMetrics, _ open: MetricsListener.Connections) {
    self.metrics = metrics
    self.open = open
  }

  func channelActive(context: ChannelHandlerContext) {
    let channel = context.channel
    deadline = context.eventLoop.scheduleTask(in: MetricsListener.longestExchange) {
      channel.close(promise: nil)
    }
    if open.count.add(1, ordering: .relaxed).newValue > MetricsListener.mostConnections {
      context.close(promise: nil)
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    open.count.subtract(1, ordering: .relaxed)
    deadline?.cancel()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard case .head(let head) = unwrapInboundIn(data), !isAnswered else { return }
    isAnswered = true
    let (status, body) = answer(head)
    let headers: HTTPHeaders = [
      "Content-Type": MetricsPage.contentType, "Content-Length": "\(body.utf8.count)",
      "Cache-Control": "no-store", "Connection": "close",
    ]
    context.write(
      wrapOutboundOut(.head(.init(version: .http1_1, status: status, headers: headers))),
      promise: nil)
    context.write(
      wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: body)))), promise: nil)
    let channel = context.channel
    context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in
      channel.close(promise: nil)
    }
  }

  /// A page of the user's browser that was led here by DNS rebinding names another host.
  private func answer(_ head: HTTPRequestHead) -> (HTTPResponseStatus, String) {
    let hosts = head.headers["Host"]
    guard hosts.count == 1, let host = Authority(hosts[0])?.host, Loopback.isReached(by: host)
    else { return (.forbidden, "this Host is not served\n") }
    guard head.uri == "/metrics" else { return (.notFound, "there is only /metrics\n") }
    guard head.method == .GET else { return (.methodNotAllowed, "only GET\n") }
    return (.ok, metrics.text)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }
}
