import AsyncHTTPClient
import NIOHTTP1
import Wire

extension StreamableHTTPChannel {
  /// An error answer is small.
  private static let largestErrorBody = 64 << 10
  /// How long a server may take to end the stream after the answer, so that the connection can be
  /// used again.
  private static let timeToEnd = Duration.seconds(1)

  /// Posts a request and hands on all that comes back, the answer included.
  func ask(_ message: [UInt8], id: RequestID, isInitialize: Bool) async throws {
    let response = try await post(message, of: id, deadline: Self.longestRequest)
    guard response.status == .ok else { return try await refuse(response, id: id) }
    if isInitialize { try beginSession(response) }
    switch RemoteContent(response.headers) {
    case .json:
      let body = try await response.bytes(upTo: Self.largestMessage)
      guard try await handOn(body, answering: id, isInitialize: isInitialize) else {
        throw exchange.fault("its JSON is not the answer to the request", as: .protocolViolation)
      }
    case .events:
      try await follow(response, id: id, isInitialize: isInitialize)
    case .other(let kind):
      throw exchange.fault("it answered with \(kind)", as: .protocolViolation)
    }
  }

  private func beginSession(_ response: HTTPClientResponse) throws {
    let isGood = state.withLock { $0.conversation.beginSession(response.headers) }
    guard isGood else {
      throw exchange.fault("its Mcp-Session-Id is not visible ASCII", as: .protocolViolation)
    }
  }

  /// A JSON-RPC error in the body of an error status is the answer. Where the server speaks of our
  /// credentials its words are not relayed.
  func refuse(_ response: HTTPClientResponse, id: RequestID) async throws {
    let fault = exchange.fault(response.status, response.headers)
    guard (400..<600).contains(response.status.code), ![401, 403].contains(response.status.code),
      response.status != .proxyAuthenticationRequired, RemoteContent(response.headers) == .json,
      let body = try? await response.bytes(upTo: Self.largestErrorBody),
      case .failure(let failed, let error)? = try? Message(body, limits: .fromServer),
      failed == nil || failed == id
    else {
      if response.status == .accepted || response.status == .noContent {
        throw exchange.fault(
          "it accepted the request but did not answer it", as: .protocolViolation)
      }
      throw fault
    }
    try await handoff.offer(Message.failure(id: id, error).encoded)
  }

  /// Hands a message on; whether it was the answer to `id`.
  func handOn(
    _ bytes: [UInt8], answering id: RequestID?, isInitialize: Bool
  ) async throws -> Bool {
    let message: Message
    do { message = try Message(bytes, limits: .fromServer) } catch {
      throw exchange.fault(
        "it sent something that is no message: \(error.error.message)", as: .protocolViolation)
    }
    var isAnswer = false
    switch message {
    case .result(id, let result):
      isAnswer = true
      if isInitialize { state.withLock { $0.conversation.take(initializeResult: result) } }
    case .failure(id, _): isAnswer = true
    default: break
    }
    try await handoff.offer(bytes, of: id)
    return isAnswer
  }

  /// Reads the stream of a request to its answer, coming back where the server lets us.
  private func follow(
    _ first: HTTPClientResponse, id: RequestID, isInitialize: Bool
  ) async throws {
    var reader = EventReader()
    var response = first
    for _ in 0..<Self.mostResumptions {
      let end = try await read(response, into: &reader) { event in
        guard try await self.handOn(event.data, answering: id, isInitialize: isInitialize) else {
          return false
        }
        self.endSoon(id)
        return true
      }
      guard case .lost(let why) = end else { return }
      guard let again = try await resume(&reader) else {
        throw exchange.fault("\(why) before the answer", isRetryable: true)
      }
      response = again
    }
    throw exchange.fault("it ended the stream again and again", as: .protocolViolation)
  }

  /// The answer is there: the rest of the stream is read for a moment only.
  func endSoon(_ id: RequestID) {
    Task {
      try await Task.sleep(for: Self.timeToEnd)
      self.abandon(requestID: id)
    }
  }
}
