import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Synchronization
import Wire

/// The client's side of streamable HTTP, of both eras: a request that says so in its `_meta` is of the
/// stateless one.
///
/// Every message is a POST. What goes wrong with one request is answered to that request as a
/// JSON-RPC failure (code -32603, `data.fault` holds the ``Fault/Kind``), so that the others go on;
/// what concerns the session (`initialize` failed, the session was lost) ends `incoming` with a
/// ``Fault`` and makes later sends throw it. A lost session is `serverGone` and retryable: a new
/// channel opens a new one.
public final class StreamableHTTPChannel: MessageChannel {
  static let largestMessage = 32 << 20
  /// Requests without an answer; more are refused, not queued.
  static let mostRequests = 256
  /// How long a server may take to accept a notification.
  static let acceptanceTime = Duration.seconds(30)
  /// No call takes longer; the layer above has its own, shorter limits.
  static let longestRequest = Duration.seconds(3600)

  let exchange: RemoteExchange
  let handoff = MessageHandoff()
  let state = Mutex(State())
  public let incoming: AsyncThrowingStream<IncomingMessage, any Error>

  struct State {
    var conversation = StreamableHTTPConversation()
    var requests: [RequestID: Task<Void, Never>] = [:]
    /// Reads the stream of messages that belong to no request.
    var listener: Task<Void, Never>?
    var ending: Fault?
    /// Requests that met a lost session: 404 means that nothing was done of them (MCP, Session
    /// Management). A few, since the channel ends with the first.
    var untaken: Set<RequestID> = []
  }

  /// Checks the server's address; connects with the first message.
  public static func open(
    _ server: RemoteServer, through connector: RemoteConnector
  ) async throws(Fault) -> StreamableHTTPChannel {
    StreamableHTTPChannel(try await RemoteExchange(server, through: connector))
  }

  private init(_ exchange: RemoteExchange) {
    self.exchange = exchange
    incoming = handoff.stream
  }

  /// A request returns at once and may run beside others; a notification or response returns when
  /// the server has accepted it. `notifications/cancelled` also abandons the request it names.
  public func send(_ message: [UInt8]) async throws { try await send(message, mirroring: []) }

  public func send(_ message: [UInt8], mirroring headers: [MirroredHeader]) async throws {
    switch try read(message) {
    case .request(let id, let method, let params):
      if RequestEnvelope.isClaimed(by: params) {
        let all = StatelessHeaders.of(method, params) + headers
        try begin(id: id) { try await self.askStateless(message, id: id, all) }
      } else {
        try begin(message, id: id, isInitialize: method == "initialize")
      }
    case .notification("notifications/initialized", _):
      try await deliver(message)
      listen()
    case .notification("notifications/cancelled", let params):
      let id = params?["requestId"].flatMap(RequestID.init)
      defer { if let id { abandon(requestID: id) } }
      // Without a handshake there are no notifications: the end of the stream says it.
      guard state.withLock({ $0.conversation.protocolVersion }) != nil else { return }
      try await deliver(message)
    case .notification, .result, .failure: try await deliver(message)
    }
  }

  /// Closes the stream of a request whose answer nobody waits for any more.
  public func abandon(requestID: RequestID) {
    let task = state.withLock { $0.requests.removeValue(forKey: requestID) }
    task?.cancel()
  }

  public var hasHeaders: Bool { true }

  public func hasNotTaken(_ request: RequestID) -> Bool {
    state.withLock { $0.untaken.contains(request) }
  }

  public func diagnosis() async -> String { exchange.diagnosis }

  public func close() async {
    let sessionID = state.withLock { $0.ending == nil ? $0.conversation.sessionID : nil }
    finish(exchange.server.fault("the connection was closed", as: .serverGone), incoming: nil)
    if sessionID != nil { await deleteSession() }
    await exchange.close()
  }

  /// Fails the channel. The first fault counts.
  func fail(_ fault: Fault) { finish(fault, incoming: fault) }

  private func finish(_ fault: Fault, incoming: Fault?) {
    let tasks = state.withLock { state -> [Task<Void, Never>] in
      if state.ending == nil { state.ending = fault }
      defer {
        state.requests = [:]
        state.listener = nil
      }
      return Array(state.requests.values) + (state.listener.map { [$0] } ?? [])
    }
    handoff.end(incoming)
    for task in tasks { task.cancel() }
  }

  /// Tells the server that the session is over. It may refuse (405); nothing depends on it.
  private func deleteSession() async {
    _ = try? await exchange.request(.DELETE, target, deadline: .seconds(2)) { addHeaders(to: &$0) }
  }

  private func read(_ message: [UInt8]) throws(Fault) -> Message {
    do { return try Message(message, limits: .fromServer) } catch {
      throw Fault(.protocolViolation, from: .gateway, "not a message: \(error.error.message)")
    }
  }

  private func begin(_ message: [UInt8], id: RequestID, isInitialize: Bool) throws(Fault) {
    try begin(id: id, isInitialize: isInitialize) {
      try await self.ask(message, id: id, isInitialize: isInitialize)
    }
  }

  private func begin(
    id: RequestID, isInitialize: Bool = false, _ ask: @escaping @Sendable () async throws -> Void
  ) throws(Fault) {
    let refusal = state.withLock { state -> Fault? in
      if let fault = state.ending {
        state.untaken.insert(id)
        return fault
      }
      guard state.requests[id] == nil else {
        return Fault(.protocolViolation, from: .gateway, "request id \(id.text) is in use")
      }
      guard state.requests.count < Self.mostRequests else {
        return exchange.server.fault("too many requests are waiting", isRetryable: true)
      }
      state.requests[id] = Task { await self.run(id: id, isInitialize: isInitialize, ask) }
      return nil
    }
    if let refusal { throw refusal }
  }

  private func run(
    id: RequestID, isInitialize: Bool, _ ask: @Sendable () async throws -> Void
  ) async {
    do { try await ask() } catch {
      await report(exchange.fault(error), of: id, isInitialize: isInitialize)
    }
    state.withLock { _ = $0.requests.removeValue(forKey: id) }
  }

  private func report(_ fault: Fault, of id: RequestID, isInitialize: Bool) async {
    if isInitialize, !Task.isCancelled { return fail(fault) }
    // Refused only when nobody is there to read it: the channel ended, or the request was abandoned.
    try? await handoff.offer(fault.answer(to: id))
  }

  /// Sends a message that has no answer.
  private func deliver(_ message: [UInt8]) async throws(Fault) {
    if let fault = state.withLock({ $0.ending }) { throw fault }
    let response = try await post(message, deadline: Self.acceptanceTime)
    await response.discard()
    guard !(200..<300).contains(response.status.code) else { return }
    throw exchange.fault(response.status, response.headers)
  }

  func post(
    _ message: [UInt8], of id: RequestID? = nil, deadline: Duration,
    mirroring headers: [MirroredHeader] = []
  ) async throws(Fault) -> HTTPClientResponse {
    let response = try await exchange.request(.POST, target, deadline: deadline) { request in
      request.headers.add(name: "Content-Type", value: "application/json")
      request.headers.add(name: "Accept", value: "application/json, text/event-stream")
      addHeaders(to: &request)
      for header in headers { request.headers.replaceOrAdd(name: header.name, value: header.value) }
      request.body = .bytes(ByteBuffer(bytes: message))
    }
    try checkSession(response.status, of: id)
    return response
  }

  /// 404 to a POST with a session id means that the server has forgotten the session.
  func checkSession(_ status: HTTPResponseStatus, of id: RequestID? = nil) throws(Fault) {
    let isLost = state.withLock { state in
      guard status == .notFound, state.conversation.sessionID != nil else { return false }
      if let id { state.untaken.insert(id) }
      return true
    }
    guard isLost else { return }
    let fault = exchange.fault(
      "it no longer knows our session (HTTP 404)", as: .serverGone, isRetryable: true)
    fail(fault)
    throw fault
  }

  func addHeaders(to request: inout HTTPClientRequest) {
    state.withLock { $0.conversation.addHeaders(to: &request.headers) }
  }

  var target: String { exchange.server.url.target }
}
