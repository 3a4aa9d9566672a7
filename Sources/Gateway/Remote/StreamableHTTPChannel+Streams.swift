import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Wire

/// Where reading of a logical stream stands, over all connections that carried it.
struct EventReader: Sendable {
  private(set) var lastEventID: String?
  private var reconnectionTime: Int?
  var parser = ServerSentEventParser(limit: StreamableHTTPChannel.largestMessage)

  /// A new connection starts with a new line, but continues after the same event.
  mutating func reconnect() {
    remember()
    parser = ServerSentEventParser(limit: StreamableHTTPChannel.largestMessage)
  }

  mutating func remember() {
    lastEventID = parser.lastEventID ?? lastEventID
    reconnectionTime = parser.reconnectionTime ?? reconnectionTime
  }

  /// How long to wait before coming back: as the server wishes, within reason; longer after each
  /// failure.
  func delay(failures: Int) -> Duration {
    let wished = min(max(reconnectionTime ?? 1000, 100), 60_000)
    return .milliseconds(min(wished << min(failures, 6), 60_000))
  }
}

/// How reading of one connection of a stream ended.
enum StreamEnd: Sendable {
  case answered
  case lost(String)
}

extension StreamableHTTPChannel {
  /// Failures in a row before a request's stream is given up.
  private static let mostFailures = 5
  /// A server that ends the stream again and again is not followed for ever.
  static let mostResumptions = 1000

  /// Hands the messages of one connection to `each`, which says whether it was the answer.
  func read(
    _ response: HTTPClientResponse, into reader: inout EventReader,
    each: (ServerSentEvent) async throws -> Bool
  ) async throws -> StreamEnd {
    reader.reconnect()
    var isAnswered = false
    do {
      for try await buffer in response.body {
        let events = try reader.parser.parse(Array(buffer.readableBytesView))
        reader.remember()
        // An event without data only sets the id (2025-11-25 primes a stream so).
        for event in events where event.name == "message" && !event.data.isEmpty {
          if try await each(event) { isAnswered = true }
        }
      }
      if isAnswered { return .answered }
      // A cancelled body ends early without an error.
      try Task.checkCancellation()
      return .lost("the stream ended")
    } catch {
      if isAnswered { return .answered }
      guard Self.isLossOfConnection(error) else { throw error }
      return .lost(RemoteReason.of(error).text)
    }
  }

  private static func isLossOfConnection(_ error: any Error) -> Bool {
    switch error {
    case is HTTPClientError, is ChannelError, is IOError, is HTTPParserError: true
    default: false
    }
  }

  /// Comes back to the stream of a request; nil if the server gave no event ids or does not let us.
  func resume(_ reader: inout EventReader) async throws -> HTTPClientResponse? {
    guard let id = reader.lastEventID else { return nil }
    for failures in 0..<Self.mostFailures {
      try await Task.sleep(for: reader.delay(failures: failures))
      switch try await comeBack(after: id) {
      case .stream(let response): return response
      case .later: continue
      case .never: return nil
      }
    }
    return nil
  }

  private enum Return {
    case stream(HTTPClientResponse)
    case later, never
  }

  private func comeBack(after id: String) async throws(Fault) -> Return {
    let response: HTTPClientResponse
    do { response = try await openStream(after: id) } catch {
      guard error.isRetryable, error.kind == .remote else { throw error }
      return .later
    }
    if response.status == .ok, RemoteContent(response.headers) == .events {
      return .stream(response)
    }
    return RemoteReason.of(response.status, response.headers).isRetryable ? .later : .never
  }

  /// GET: the stream of messages that belong to no request, or the rest of a stream after an event.
  private func openStream(after id: String?) async throws(Fault) -> HTTPClientResponse {
    try await exchange.request(.GET, target, deadline: Self.longestRequest) {
      $0.headers.add(name: "Accept", value: "text/event-stream")
      if let id { $0.headers.add(name: "Last-Event-ID", value: id) }
      addHeaders(to: &$0)
    }
  }

  /// Starts reading messages that belong to no request, where the server offers them.
  func listen() {
    state.withLock { state in
      guard state.listener == nil, state.ending == nil else { return }
      state.listener = Task { await self.listenToEnd() }
    }
  }

  private func listenToEnd() async {
    var reader = EventReader()
    var course = Listening()
    do {
      while try await listenOnce(&reader, &course) {
        try await Task.sleep(for: reader.delay(failures: course.failures))
      }
    } catch {
      let fault = exchange.fault(error)
      if fault.kind != .cancelled { fail(fault) }
    }
  }

  private struct Listening {
    var failures = 0
    var wasOffered = false
  }

  /// One connection of the listening stream; false if the server does not offer it.
  private func listenOnce(
    _ reader: inout EventReader, _ course: inout Listening
  ) async throws -> Bool {
    do {
      let response = try await openStream(after: reader.lastEventID)
      guard response.status == .ok, RemoteContent(response.headers) == .events else {
        // Servers that know no GET answer 404 as well as 405; only one that did know it has lost
        // the session.
        if course.wasOffered { try checkSession(response.status) }
        course.failures += 1
        return RemoteReason.of(response.status, response.headers).isRetryable
      }
      course = Listening(failures: 0, wasOffered: true)
      _ = try await read(response, into: &reader) { event in
        try await self.handoff.offer(event.data)
        return false
      }
      return true
    } catch let fault as Fault where fault.isRetryable && fault.kind == .remote {
      course.failures += 1
      return true
    }
  }
}
