import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Synchronization
import Wire

/// The client's side of HTTP+SSE (2024-11-05): one stream from the server, one POST per message to
/// the address that the stream's first event names. The session ends with the stream.
public final class SSEChannel: MessageChannel {
  private static let largestMessage = 32 << 20
  /// How long a server may take to name its address for messages.
  private static let openingTime = Duration.seconds(30)
  private static let acceptanceTime = Duration.seconds(30)

  private let exchange: RemoteExchange
  private let handoff = MessageHandoff()
  private let state = Mutex(State())
  public let incoming: AsyncThrowingStream<IncomingMessage, any Error>

  private struct State {
    /// Path and query, on the server's own origin.
    var endpoint: String?
    var reader: Task<Void, Never>?
    var ending: Fault?
  }

  /// Connects and waits for the address for messages.
  public static func open(
    _ server: RemoteServer, through connector: RemoteConnector
  ) async throws(Fault) -> SSEChannel {
    let channel = SSEChannel(try await RemoteExchange(server, through: connector))
    do {
      try await withTimeLimit(openingTime) { try await channel.start() }
      return channel
    } catch {
      let fault = channel.exchange.fault(error)
      await channel.close()
      throw fault
    }
  }

  private init(_ exchange: RemoteExchange) {
    self.exchange = exchange
    incoming = handoff.stream
  }

  /// Returns when the server has accepted the message; the answer comes on the stream.
  public func send(_ message: [UInt8]) async throws {
    let (endpoint, ending) = state.withLock { ($0.endpoint, $0.ending) }
    if let ending { throw ending }
    guard let endpoint else {
      throw exchange.fault("it has named no address for messages", as: .protocolViolation)
    }
    let response = try await exchange.request(.POST, endpoint, deadline: Self.acceptanceTime) {
      $0.headers.add(name: "Content-Type", value: "application/json")
      $0.headers.add(name: "Accept", value: "application/json, text/event-stream")
      $0.body = .bytes(ByteBuffer(bytes: message))
    }
    await response.discard()
    guard !(200..<300).contains(response.status.code) else { return }
    guard response.status != .notFound else {
      let fault = exchange.fault(
        "it no longer knows our session (HTTP 404)", as: .serverGone, isRetryable: true)
      fail(fault)
      throw fault
    }
    throw exchange.fault(response.status, response.headers)
  }

  public func diagnosis() async -> String { exchange.diagnosis }

  public func close() async {
    finish(exchange.server.fault("the connection was closed", as: .serverGone), incoming: nil)
    await exchange.close()
  }

  private func fail(_ fault: Fault) { finish(fault, incoming: fault) }

  private func finish(_ fault: Fault, incoming: Fault?) {
    let reader = state.withLock { state in
      if state.ending == nil { state.ending = fault }
      defer { state.reader = nil }
      return state.reader
    }
    handoff.end(incoming)
    reader?.cancel()
  }

  private func start() async throws {
    let server = exchange.server
    let response = try await exchange.request(
      .GET, server.url.target, deadline: Self.openingTime
    ) { $0.headers.add(name: "Accept", value: "text/event-stream") }
    guard response.status == .ok else { throw exchange.fault(response.status, response.headers) }
    guard RemoteContent(response.headers) == .events else {
      throw exchange.fault("it does not answer with an event stream", as: .protocolViolation)
    }
    let (named, naming) = AsyncThrowingStream<Void, any Error>.makeStream()
    let reader = Task { await self.readToEnd(response, naming) }
    let isOver = state.withLock { state in
      if state.ending == nil { state.reader = reader }
      return state.ending != nil
    }
    if isOver { reader.cancel() }
    for try await _ in named { return }
    throw CancellationError()
  }

  private func readToEnd(
    _ response: HTTPClientResponse, _ naming: AsyncThrowingStream<Void, any Error>.Continuation
  ) async {
    let fault: Fault
    do {
      try await read(response, naming)
      try Task.checkCancellation()
      fault = exchange.fault("it ended the stream", as: .serverGone, isRetryable: true)
    } catch {
      fault = exchange.fault(error)
    }
    naming.finish(throwing: fault)
    if fault.kind != .cancelled { fail(fault) }
  }

  private func read(
    _ response: HTTPClientResponse, _ naming: AsyncThrowingStream<Void, any Error>.Continuation
  ) async throws {
    var parser = ServerSentEventParser(limit: Self.largestMessage)
    for try await buffer in response.body {
      for event in try parser.parse(Array(buffer.readableBytesView)) {
        switch event.name {
        case "endpoint":
          try setEndpoint(String(decoding: event.data, as: UTF8.self))
          naming.yield()
        case "message" where !event.data.isEmpty: try await handoff.offer(event.data)
        default: break
        }
      }
    }
  }

  /// Messages carry our credentials: an address on another origin is refused, and so is a second
  /// one, which no honest server sends.
  private func setEndpoint(_ reference: String) throws {
    let url: RemoteURL
    do { url = try exchange.server.url.resolving(reference) } catch {
      throw exchange.fault(
        "its address for messages is malformed: \(error)", as: .protocolViolation)
    }
    guard url.origin == exchange.server.url.origin else {
      throw exchange.fault("its address for messages is on another origin", as: .protocolViolation)
    }
    let isFirst = state.withLock { state in
      guard state.endpoint == nil || state.endpoint == url.target else { return false }
      state.endpoint = url.target
      return true
    }
    guard isFirst else {
      throw exchange.fault("it changed its address for messages", as: .protocolViolation)
    }
  }
}
