import NIOCore
import NIOPosix
import Synchronization
import Wire

/// A server that somebody else started and that speaks its stdio over TCP, one message a line
/// (`--static`: a compose service `mcp-NAME` on port 4444).
public final class TCPChannel: MessageChannel {
  private static let largestMessage = 32 << 20
  /// How long a server may take to end after the end of its input.
  private static let timeToEnd = Duration.seconds(2)

  private typealias Connection = NIOAsyncChannel<ByteBuffer, ByteBuffer>

  private let server: String
  private let handoff = MessageHandoff()
  private let state = Mutex(State())
  public let incoming: AsyncThrowingStream<IncomingMessage, any Error>

  private struct State {
    var writer: NIOAsyncChannelOutboundWriter<ByteBuffer>?
    var task: Task<Void, Never>?
    var ending: Fault?
  }

  /// - Parameter server: the configured name, for messages.
  public static func connect(
    server: String, host: String, port: Int
  ) async throws(Fault) -> TCPChannel {
    let connection: Connection
    do {
      connection = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .connectTimeout(.seconds(10))
        .channelOption(.allowRemoteHalfClosure, value: true)
        .channelOption(.tcpOption(.tcp_nodelay), value: 1)
        .connect(host: host, port: port) { channel in
          channel.eventLoop.makeCompletedFuture {
            try Connection(
              wrappingChannelSynchronously: channel,
              configuration: .init(isOutboundHalfClosureEnabled: true))
          }
        }
    } catch {
      throw Fault(
        .serverStart, from: .server,
        "server \(server): no connection to \(host):\(port): \(RemoteReason.of(error).text)",
        isRetryable: true)
    }
    let channel = TCPChannel(server)
    await channel.start(connection)
    return channel
  }

  private init(_ server: String) {
    self.server = server
    incoming = handoff.stream
  }

  public func send(_ message: [UInt8]) async throws {
    let (writer, ending) = state.withLock { ($0.writer, $0.ending) }
    if let ending { throw ending }
    guard let writer else { throw gone("the connection is closed") }
    var buffer = ByteBuffer()
    buffer.reserveCapacity(message.count + 1)
    buffer.writeBytes(message)
    buffer.writeInteger(UInt8(ascii: "\n"))
    do { try await writer.write(buffer) } catch is CancellationError {
      throw CancellationError()
    } catch {
      throw state.withLock { $0.ending } ?? gone(RemoteReason.of(error).text)
    }
  }

  /// A TCP bridge has no channel for what a server says about itself.
  public func diagnosis() async -> String { state.withLock { $0.ending?.message ?? "" } }

  /// Ends the server's input, gives it a moment to end, and disconnects.
  public func close() async {
    let (writer, task) = state.withLock { state in
      if state.ending == nil { state.ending = gone("the connection was closed") }
      defer { state.writer = nil }
      return (state.writer, state.task)
    }
    handoff.end()
    guard let task else { return }
    if let writer {
      writer.finish()
      let impatience = Task {
        try await Task.sleep(for: Self.timeToEnd)
        task.cancel()
      }
      await task.value
      impatience.cancel()
    }
    await task.value
  }

  private func gone(_ reason: String) -> Fault {
    Fault(.serverGone, from: .server, "server \(server): \(reason)", isRetryable: true)
  }

  /// Returns when messages can be sent.
  private func start(_ connection: Connection) async {
    let (isReady, ready) = AsyncStream<Void>.makeStream()
    let task = Task { await self.run(connection, ready) }
    state.withLock { $0.task = task }
    for await _ in isReady {}
  }

  private func run(_ connection: Connection, _ ready: AsyncStream<Void>.Continuation) async {
    do {
      try await connection.executeThenClose { inbound, outbound in
        self.state.withLock { $0.writer = outbound }
        ready.finish()
        try await self.read(inbound)
      }
      end(gone("it ended the connection"), incoming: nil)
    } catch {
      let fault = error as? Fault ?? gone(RemoteReason.of(error).text)
      end(fault, incoming: fault)
    }
    ready.finish()
  }

  private func read(_ inbound: NIOAsyncChannelInboundStream<ByteBuffer>) async throws {
    var splitter = LineSplitter(limit: Self.largestMessage)
    for try await buffer in inbound {
      var lines: [LineSplitter.Line] = []
      splitter.take(Array(buffer.readableBytesView)[...]) { lines.append($0) }
      for line in lines {
        guard case .line(let message) = line else {
          throw Fault(
            .tooLarge, from: .server,
            "server \(server): a message is larger than \(Self.largestMessage) bytes")
        }
        try await pass(message)
      }
    }
    if splitter.isWithinLine { throw gone("it ended the connection within a message") }
  }

  /// After `close` what the server still says is read, so that it can end, and dropped.
  private func pass(_ line: [UInt8]) async throws {
    do { try await handoff.offer(line) } catch is CancellationError where !Task.isCancelled {
      return
    }
  }

  private func end(_ fault: Fault, incoming: Fault?) {
    state.withLock { state in
      if state.ending == nil { state.ending = fault }
      state.writer = nil
    }
    handoff.end(incoming)
  }
}
