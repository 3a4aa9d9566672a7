import NIOCore

/// Hands each connection that a listener has set up to its reader, exactly once.
///
/// NIO ends the process for an asynchronous channel that nobody runs, and its own asynchronous
/// listener drops those that are set up while it closes. Here a connection that comes after the
/// end is run, and thereby closed, by us.
final class AcceptedConnections<Inbound: Sendable, Outbound: Sendable>: Sendable {
  typealias Connection = NIOAsyncChannel<Inbound, Outbound>

  /// Must be read by a task that is never cancelled: a cancelled stream drops what waits in it.
  let stream: AsyncStream<Connection>
  private let continuation: AsyncStream<Connection>.Continuation

  init() { (stream, continuation) = AsyncStream.makeStream() }

  /// Hands `connection` on once it is open: it is set up before that, and whoever writes to it at
  /// once, as to one too many, would only close it. On the connection's event loop.
  func put(_ connection: Connection) {
    let opening = Opening { [self] in handOn(connection) }
    do {
      try connection.channel.pipeline.syncOperations.addHandler(opening, position: .first)
    } catch {
      // The client is gone already.
      handOn(connection)
    }
  }

  private func handOn(_ connection: Connection) {
    if case .enqueued = continuation.yield(connection) { return }
    Task { await Self.discard(connection) }
  }

  /// No more connections will be asked for; those that wait are still handed on.
  func finish() { continuation.finish() }

  /// Closes what has not been handed on.
  func discardAll() async {
    finish()
    for await connection in stream { await Self.discard(connection) }
  }

  private static func discard(_ connection: Connection) async {
    // A failure here is that of a connection that is being thrown away.
    try? await connection.executeThenClose { _, _ in }
  }
}

/// In a connection's pipeline: tells once when it opens, or that it never will.
private final class Opening: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer

  private var tell: (() -> Void)?

  init(_ tell: @escaping () -> Void) { self.tell = tell }

  func handlerAdded(context: ChannelHandlerContext) {
    if context.channel.isActive { end() }
  }

  func handlerRemoved(context: ChannelHandlerContext) { end() }

  func channelActive(context: ChannelHandlerContext) {
    end()
    context.fireChannelActive()
    context.pipeline.syncOperations.removeHandler(self, promise: nil)
  }

  private func end() {
    tell?()
    tell = nil
  }
}

/// In a listener's pipeline: notes that it closes.
final class AcceptedConnectionsEnd<Inbound: Sendable, Outbound: Sendable>: ChannelInboundHandler {
  typealias InboundIn = any Channel

  private let connections: AcceptedConnections<Inbound, Outbound>

  init(_ connections: AcceptedConnections<Inbound, Outbound>) { self.connections = connections }

  func channelInactive(context: ChannelHandlerContext) {
    connections.finish()
    context.fireChannelInactive()
  }
}
