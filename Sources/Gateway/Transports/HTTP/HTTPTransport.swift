import Authorization
import Glibc
import NIOCore
import NIOPosix
import Synchronization
import Wire

/// What an HTTP transport needs to know.
public struct HTTPConfiguration: Sendable {
  /// Which protocol is served.
  public var endpoint: HTTPEndpoint
  /// Address to listen on.
  public var host: String
  /// 0: any free port.
  public var port: Int
  /// Who may call.
  public var authenticator: Authenticator
  /// The host of the URL under which clients know us, if not the address that we listen on.
  public var publicHost: String?
  /// Longest body in bytes.
  public var bodyLimit = JSONLimits.fromClient.maximumBytes
  /// How long a session may be unused.
  public var sessionIdleTime: Duration {
    get { sessions.idle }
    set { sessions.idle = newValue }
  }
  var sessions = SessionLimits()
  var replay = EventLog.Limits()
  var connections = ConnectionLimits()
  var timing = ReplyTiming()
  /// How often sessions are looked after.
  var sweep = Duration.seconds(1)

  public init(
    _ endpoint: HTTPEndpoint, host: String = "127.0.0.1", port: Int, authenticator: Authenticator
  ) {
    self.endpoint = endpoint
    self.host = host
    self.port = port
    self.authenticator = authenticator
  }

  /// How many sessions there may be, with a tenth left for those that are still ending. Each may
  /// have a stream open and a call on its way, on two connections.
  public mutating func allow(sessions most: Int, perIdentity: Int) {
    sessions.total = max(1, most - most / 10)
    sessions.perIdentity = min(perIdentity, sessions.total)
    connections.connections = max(connections.connections, 2 * most)
  }
}

/// Serves clients over HTTP: streamable HTTP or HTTP+SSE.
///
/// First ``bind(_:)``, which fails at once when the port is taken; then ``serve(_:)``. Connections
/// that come in between wait.
public final class HTTPTransport: Sendable {
  /// The port that we listen on.
  public let port: Int
  private let configuration: HTTPConfiguration
  private let listener: any Channel
  private let watch: ListenerWatch
  private let connections: OpenConnections
  private let service: ServiceSlot

  /// What answers, given when serving starts; before that nothing is accepted.
  private typealias ServiceSlot = Slot<HTTPConnection.Serve>

  private init(
    _ configuration: HTTPConfiguration, _ listener: any Channel, _ watch: ListenerWatch,
    _ connections: OpenConnections, _ service: ServiceSlot
  ) {
    self.configuration = configuration
    self.listener = listener
    self.watch = watch
    self.connections = connections
    self.service = service
    port = listener.localAddress?.port ?? configuration.port
  }

  deinit { listener.close(promise: nil) }

  /// Where clients find us. For an address that means "everywhere", the loopback address.
  public var url: String {
    let host =
      switch configuration.host {
      case "0.0.0.0": "127.0.0.1"
      case "::": "[::1]"
      case let host where host.contains(":"): "[\(host)]"
      case let host: host
      }
    return "http://\(host):\(port)\(configuration.endpoint.path)"
  }

  /// Takes the port.
  public static func bind(
    _ configuration: HTTPConfiguration
  ) async throws(Problem) -> HTTPTransport {
    let connections = OpenConnections(limit: configuration.connections.connections)
    let service = ServiceSlot()
    let watch = ListenerWatch()
    let limits = configuration.connections
    do {
      let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
        // Whoever comes before anybody serves waits in the system's queue.
        .serverChannelOption(.autoRead, value: false)
        .serverChannelOption(.backlog, value: 256)
        .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
        // A peer that has gone without a word answers nothing: the system notices within a minute
        // or two, whether the connection is quiet or something is on its way.
        .childChannelOption(.socketOption(.so_keepalive), value: 1)
        .childChannelOption(.tcpOption(.init(rawValue: TCP_KEEPIDLE)), value: 60)
        .childChannelOption(.tcpOption(.init(rawValue: TCP_KEEPINTVL)), value: 15)
        .childChannelOption(.tcpOption(.init(rawValue: TCP_KEEPCNT)), value: 4)
        .childChannelOption(.tcpOption(.init(rawValue: TCP_USER_TIMEOUT)), value: 120_000)
        // Each connection keeps its last buffer: it is small where requests are, and never large.
        .childChannelOption(
          .recvAllocator,
          value: AdaptiveRecvByteBufferAllocator(minimum: 1024, initial: 2048, maximum: 16 << 10)
        )
        .serverChannelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandlers(AcceptBackoffHandler(), watch)
          }
        }
        .childChannelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            guard let serve = service.value else { return channel.close(promise: nil) }
            try channel.pipeline.syncOperations.addHandler(
              HTTPConnection(limits, connections, serve: serve))
          }
        }
        .bind(host: configuration.host, port: configuration.port).get()
      return HTTPTransport(configuration, listener, watch, connections, service)
    } catch {
      throw Problem(
        source: "\(configuration.host):\(configuration.port)",
        "cannot listen: \(Self.reason(error))", hint: "choose another --port or --host")
    }
  }

  private static func reason(_ error: any Error) -> String {
    guard let error = error as? IOError else { return "\(error)" }
    return unsafe String(cString: strerror(error.errnoCode))
  }

  /// Serves clients until ``stop()`` or until the task is cancelled; then ends all sessions and
  /// connections within a bounded time and returns. Throws, after the same, if the system lets us
  /// accept no more connections.
  public func serve(_ opener: any SessionOpener) async throws(Problem) {
    let table = SessionTable(
      opener: opener, limits: configuration.sessions,
      replay: configuration.endpoint == .streaming ? Replay(limits: configuration.replay) : nil)
    service.value = service(opener, table).serve
    // A task of its own, never cancelled: it ends things in order. Closing the listener ends it.
    let serving = Task { await self.run(table) }
    let problem = await withTaskCancellationHandler {
      await serving.value
    } onCancel: {
      stop()
    }
    if let problem { throw problem }
  }

  private func run(_ table: SessionTable) async -> Problem? {
    let sweeper = Task { [configuration] in
      while !Task.isCancelled {
        table.sweep()
        // Cancelled while asleep: the loop ends.
        try? await Task.sleep(for: configuration.sweep)
      }
    }
    // Either fails only where the listener is closed, and then there is nothing to wait for.
    try? await listener.setOption(.autoRead, value: true).get()
    try? await listener.closeFuture.get()
    await table.close()
    sweeper.cancel()
    await closeConnections()
    return watch.error.map {
      Problem(source: url, "cannot accept connections: \(Self.reason($0))")
    }
  }

  /// Accepts no more clients; ``serve(_:)`` then comes to its end.
  public func stop() { listener.close(promise: nil) }

  private func service(_ opener: any SessionOpener, _ table: SessionTable) -> HTTPService {
    let authenticator = configuration.authenticator
    let rules = HTTPRequestRules(
      endpoint: configuration.endpoint, metadata: authenticator.metadata,
      hostRule: HostRule(
        bindHost: configuration.host, requiresToken: authenticator.requiresToken,
        publicHost: configuration.publicHost),
      bodyLimit: configuration.bodyLimit)
    return HTTPService(
      rules: rules, authenticator: authenticator, opener: opener, table: table,
      timing: configuration.timing)
  }

  /// Lets answers on their way get out, then closes what is left.
  private func closeConnections() async {
    for channel in connections.channels {
      channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
    }
    if await areAllClosed(within: .seconds(1)) { return }
    for channel in connections.channels { channel.close(promise: nil) }
    // Their tasks see that nobody is there any more.
    _ = await areAllClosed(within: .seconds(1))
  }

  private func areAllClosed(within limit: Duration) async -> Bool {
    let deadline = ContinuousClock.now + limit
    while !connections.isEmpty, ContinuousClock.now < deadline {
      // Never cancelled: see `serve`.
      try? await Task.sleep(for: .milliseconds(10))
    }
    return connections.isEmpty
  }
}

/// A place for something that is known later.
private final class Slot<Value: Sendable>: Sendable {
  private let content = Mutex<Value?>(nil)

  var value: Value? {
    get { content.withLock { $0 } }
    set { content.withLock { $0 = newValue } }
  }
}
