import Authorization
import Glibc
import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTPTypes
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
  /// For what goes wrong with connections; requests are not logged here.
  public var logger = Logger(label: "gateway.http", factory: { _ in SwiftLogNoOpLogHandler() })
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
  private typealias Accepted = AcceptedConnections<HTTPRequestPart, HTTPResponsePart>

  private let listener: any Channel
  private let accepted: Accepted
  private let isServed = Mutex(false)
  private let connections = Mutex<[ObjectIdentifier: any Channel]>([:])

  private init(
    _ configuration: HTTPConfiguration, _ listener: any Channel, _ accepted: Accepted
  ) {
    self.configuration = configuration
    self.listener = listener
    self.accepted = accepted
    port = listener.localAddress?.port ?? configuration.port
  }

  deinit {
    guard !isServed.withLock({ $0 }) else { return }
    listener.close(promise: nil)
    Task { [accepted] in await accepted.discardAll() }
  }

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
    // The pipeline needs no responder; the one that answers is given when serving starts.
    let http = http1(configuration) { _, _, _ in }
    let logger = configuration.logger
    let accepted = Accepted()
    do {
      let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
        .serverChannelOption(.backlog, value: 256)
        .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
        .serverChannelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandlers(
              AcceptBackoffHandler(), ListenerWatch(accepted))
          }
        }
        .childChannelInitializer { channel in
          // Before the set-up: a NIOAsyncChannel that is made and then dropped, because a client
          // was gone so soon that the pipeline refused a handler, would end the process.
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(ByteWatch())
          }.flatMap { http.setup(channel: channel, logger: logger) }.map { accepted.put($0) }
        }
        .bind(host: configuration.host, port: configuration.port).get()
      return HTTPTransport(configuration, listener, accepted)
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

  private static func http1(
    _ configuration: HTTPConfiguration, _ responder: @escaping HTTPChannelHandler.Responder
  ) -> HTTP1Channel {
    let limits = configuration.connections
    return HTTP1Channel(
      responder: responder,
      configuration: .init(
        additionalChannelHandlers: [ConnectionGuard(limits)],
        httpDecoderConfiguration: .init(
          maxHeaderFieldSize: limits.headerBytes, maxHeaderListSize: limits.headBytes,
          maxHeaderFieldCount: 256)))
  }

  /// Serves clients until ``stop()`` or until the task is cancelled; then ends all sessions and
  /// connections within a bounded time and returns. Throws, after the same, if the system lets us
  /// accept no more connections.
  public func serve(_ opener: any SessionOpener) async throws(Problem) {
    isServed.withLock { $0 = true }
    let table = SessionTable(
      opener: opener, limits: configuration.sessions,
      replay: configuration.endpoint == .streaming ? Replay(limits: configuration.replay) : nil)
    let http = Self.http1(configuration, service(opener, table).respond)
    // A task of its own, never cancelled: see ``AcceptedConnections``. Closing the listener ends
    // it in order.
    let serving = Task { await self.run(table, http) }
    let problem = await withTaskCancellationHandler {
      await serving.value
    } onCancel: {
      stop()
    }
    if let problem { throw problem }
  }

  private func run(_ table: SessionTable, _ http: HTTP1Channel) async -> Problem? {
    await withDiscardingTaskGroup { group in
      let sweeper = Task { [configuration] in
        while !Task.isCancelled {
          table.sweep()
          // Cancelled while asleep: the loop ends.
          try? await Task.sleep(for: configuration.sweep)
        }
      }
      for await connection in accepted.stream {
        group.addTask { await self.handle(connection, http) }
      }
      await table.close()
      sweeper.cancel()
      await closeConnections()
      return accepted.error.map {
        Problem(source: url, "cannot accept connections: \(Self.reason($0))")
      }
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

  private func handle(_ connection: HTTP1Channel.Value, _ http: HTTP1Channel) async {
    let id = ObjectIdentifier(connection.channel)
    let isAdmitted = connections.withLock { connections in
      guard connections.count < configuration.connections.connections else { return false }
      connections[id] = connection.channel
      return true
    }
    guard isAdmitted else { return await refuse(connection) }
    await http.handle(value: connection, logger: configuration.logger)
    connections.withLock { _ = $0.removeValue(forKey: id) }
  }

  private func refuse(_ connection: HTTP1Channel.Value) async {
    // The client may be gone before it is told; then there is nobody to tell.
    try? await connection.executeThenClose { _, outbound in
      let head = HTTPResponse(
        status: .serviceUnavailable,
        headerFields: [.connection: "close", .contentLength: "0"])
      try await outbound.write(contentsOf: [.head(head), .end(nil)])
    }
  }

  /// Lets answers on their way get out, then closes what is left.
  private func closeConnections() async {
    for channel in open {
      channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
    }
    let deadline = ContinuousClock.now + .seconds(1)
    while !open.isEmpty, ContinuousClock.now < deadline {
      // Never cancelled: see `serve`.
      try? await Task.sleep(for: .milliseconds(10))
    }
    for channel in open { channel.close(promise: nil) }
  }

  private var open: [any Channel] { connections.withLock { Array($0.values) } }
}
