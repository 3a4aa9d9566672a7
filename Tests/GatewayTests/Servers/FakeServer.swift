import Synchronization
import Wire

@testable import Gateway

/// An MCP server in this process, behind the same door as a real one. It answers as a good server
/// would, until it is told otherwise.
final class FakeServer: MessageChannel {
  struct Request: Sendable {
    let id: RequestID
    let method: String
    let params: JSONText
  }
  typealias Handler = @Sendable (FakeServer, Request) async -> Void

  private struct State {
    var received: [Message] = []
    var handlers: [String: Handler] = [:]
    var isReading = true
    var isClosed = false
    var closes = 0
    var asks = 0
    var diagnosis = ""
    var hasHeaders = false
    var forgotten: Set<RequestID> = []
  }

  let incoming: AsyncThrowingStream<IncomingMessage, any Error>
  private let output: AsyncThrowingStream<IncomingMessage, any Error>.Continuation
  private let state = Mutex(State())
  let name: String

  init(_ name: String = "s", capabilities: String = #"{"tools":{}}"#) {
    self.name = name
    (incoming, output) = AsyncThrowingStream.makeStream()
    on("initialize") { server, request in
      server.answer(
        request, #"{"protocolVersion":"2025-11-25","capabilities":\#(capabilities)}"#)
    }
    on("tools/list") { server, request in server.answer(request, tools: ["echo"]) }
    on("tools/call") { server, request in
      server.answer(request, #"{"content":[{"type":"text","text":"\#(server.name)"}]}"#)
    }
  }

  // MARK: The script

  func on(_ method: String, _ handler: @escaping Handler) {
    state.withLock { $0.handlers[method] = handler }
  }

  /// From now on input is not taken.
  func stopReading() { state.withLock { $0.isReading = false } }

  /// - Parameter request: on whose stream, for a server whose channel has one for each request.
  func say(_ line: String, of request: RequestID? = nil) {
    output.yield(IncomingMessage(Array(line.utf8), of: request))
  }

  func notify(_ method: String, _ params: String = "{}") {
    say(#"{"jsonrpc":"2.0","method":"\#(method)","params":\#(params)}"#)
  }

  func answer(_ request: Request, _ result: String) {
    say(#"{"jsonrpc":"2.0","id":\#(request.id.text),"result":\#(result)}"#)
  }

  func answer(_ request: Request, tools: [String]) {
    let entries = tools.map { #"{"name":"\#($0)","inputSchema":{"type":"object"}}"# }
    answer(request, #"{"tools":[\#(entries.joined(separator: ","))]}"#)
  }

  func fail(_ request: Request, _ code: Int, _ message: String = "no") {
    say(
      #"{"jsonrpc":"2.0","id":\#(request.id.text),"error":{"code":\#(code),"message":"\#(message)"}}"#
    )
  }

  /// Asks the client something; what it answers, nil if it never does.
  func ask(_ method: String, _ params: String = "{}") async -> Message? {
    let id = state.withLock { state in
      state.asks += 1
      return RequestID.string("ask-\(state.asks)")
    }
    say(#"{"jsonrpc":"2.0","id":\#(id.text),"method":"\#(method)","params":\#(params)}"#)
    @Sendable func reply() -> Message? {
      replies.first {
        switch $0 {
        case .result(id, _), .failure(id, _): true
        default: false
        }
      }
    }
    _ = await eventually { reply() != nil || self.isClosed }
    return reply()
  }

  /// The connection ends, and with it the request, of which the server has done nothing.
  func forget(_ request: Request) {
    state.withLock { _ = $0.forgotten.insert(request.id) }
    crash()
  }

  var hasHeaders: Bool { state.withLock(\.hasHeaders) }
  /// From now on it is one behind HTTP.
  func speakHTTP() { state.withLock { $0.hasHeaders = true } }

  func hasNotTaken(_ request: RequestID) -> Bool {
    state.withLock { $0.forgotten.contains(request) }
  }

  /// The process ends.
  func crash(saying words: String = "") {
    state.withLock { $0.diagnosis = words }
    output.finish()
  }

  // MARK: What happened

  var received: [Message] { state.withLock { $0.received } }
  /// Answers of the client.
  var replies: [Message] {
    received.filter {
      switch $0 {
      case .result, .failure: true
      default: false
      }
    }
  }
  var closes: Int { state.withLock { $0.closes } }
  var isClosed: Bool { state.withLock { $0.isClosed } }

  func count(_ method: String) -> Int {
    received.count {
      switch $0 {
      case .request(_, method, _), .notification(method, _): true
      default: false
      }
    }
  }

  func params(_ method: String) -> [JSONText] {
    received.compactMap {
      switch $0 {
      case .request(_, method, let params), .notification(method, let params): params
      default: nil
      }
    }
  }

  // MARK: MessageChannel

  func send(_ bytes: [UInt8]) async throws {
    while state.withLock({ !$0.isReading && !$0.isClosed }) {
      try await Task.sleep(for: .milliseconds(5))
    }
    let message = try Message(bytes)
    let handler = try state.withLock { state throws(Fault) -> Handler? in
      guard !state.isClosed else { throw Fault(.serverGone, from: .server, "closed") }
      state.received.append(message)
      guard case .request(_, let method, _) = message else { return nil }
      return state.handlers[method]
    }
    guard case .request(let id, let method, let params) = message else { return }
    let request = Request(id: id, method: method, params: params ?? .emptyObject)
    if let handler {
      Task { await handler(self, request) }
    } else {
      fail(request, -32601)
    }
  }

  func diagnosis() async -> String { state.withLock { $0.diagnosis } }

  func close() async {
    state.withLock { state in
      state.isClosed = true
      state.closes += 1
    }
    output.finish()
  }
}
