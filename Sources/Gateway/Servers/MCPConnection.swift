import Synchronization
import Wire

/// An MCP client over a ``MessageChannel``: gives requests their ids, pairs answers with them, and
/// ends every request that the server leaves open.
///
/// The server is not trusted: lines that are no messages are skipped up to a limit, a message that
/// two readers could understand differently ends the connection, requests of the server are
/// answered here (ping) or declined, and every request has a deadline.
final class MCPConnection: Sendable {
  /// Lines that are no MCP message before a server counts as broken.
  private static let mostJunkLines = 1_000
  /// Answers to the server's own requests that may wait to be written.
  private static let mostReplies = 64

  private struct Waiting {
    let mailbox: CallMailbox
    var deadline: ContinuousClock.Instant
    let limit: Duration
  }

  private struct State {
    var nextID: Int64 = 1
    var waiting: [Int64: Waiting] = [:]
    /// Why no further request can be made.
    var end: Fault?
    var junkLines = 0
    var firstJunk: String?
    var repliesInFlight = 0
    var isWatchingDeadlines = false
    var reader: Task<Void, Never>?
  }

  let server: String
  private let channel: any MessageChannel
  private let onSignal: @Sendable (ServerSignal) -> Void
  private let state = Mutex(State())

  /// - Parameter onSignal: told of notifications that belong to no call; must not block.
  init(
    server: String, channel: any MessageChannel, executor: (any TaskExecutor)? = nil,
    onSignal: @escaping @Sendable (ServerSignal) -> Void
  ) {
    self.server = server
    self.channel = channel
    self.onSignal = onSignal
    let reader = Task(executorPreference: executor) { await self.read() }
    state.withLock { $0.reader = reader }
  }

  /// Whether requests can still be made.
  var isOpen: Bool { state.withLock { $0.end == nil } }

  /// Sends a request and waits for its answer.
  ///
  /// - Parameters:
  ///   - limit: time without answer or progress after which the request is withdrawn.
  ///   - wantsProgress: adds a progress token of our own, by which progress finds this request.
  ///   - deliver: gets events of this request before its answer; may wait.
  /// - Throws: the server's ``RPCError``, or a ``Fault``.
  func request(
    _ method: String, _ params: JSONText?, within limit: Duration, wantsProgress: Bool = false,
    deliver: ((ServerEvent) async -> Void)? = nil
  ) async throws -> JSONText {
    let mailbox = CallMailbox()
    let id = try register(mailbox, limit)
    defer { state.withLock { _ = $0.waiting.removeValue(forKey: id) } }
    return try await withTaskCancellationHandler {
      let tokened = wantsProgress ? Self.adding(progressToken: id, to: params) : params
      try await send(.request(id: .integer(id), method: method, params: tokened))
      while true {
        switch await mailbox.next() {
        case .event(let event): await deliver?(event)
        case .result(let result): return result
        case .failure(let error):
          if let fault = error as? Fault, fault.kind == .timeout || fault.kind == .cancelled {
            withdraw(id, because: fault.message)
          }
          throw error
        }
      }
    } onCancel: {
      mailbox.put(.failure(Fault(.cancelled, from: .client, "the call was cancelled")))
    }
  }

  func notify(_ method: String, _ params: JSONText? = nil) async throws {
    try await send(.notification(method: method, params: params))
  }

  /// Ends the connection; requests in flight fail. Returns when the channel has let go of
  /// everything.
  func close() async {
    end(Fault(.shuttingDown, from: .gateway, "the connection to \(server) was closed"))
    await channel.close()
    state.withLock { $0.reader }?.cancel()
  }

  /// Returns when no request is in flight any more.
  func idle() async {
    while state.withLock({ $0.end == nil && !$0.waiting.isEmpty }) {
      try? await Task.sleep(for: .milliseconds(50))
    }
  }

  /// What is known about how the server failed, for people.
  func diagnosis() async -> String {
    let junk = state.withLock { state in
      state.firstJunk.map { "\(state.junkLines) lines on stdout were no MCP message, first: \($0)" }
    }
    return [await channel.diagnosis(), junk].compactMap { $0?.isEmpty == false ? $0 : nil }
      .joined(separator: "; ")
  }

  // MARK: Requests

  private func register(_ mailbox: CallMailbox, _ limit: Duration) throws(Fault) -> Int64 {
    let registered = state.withLock { state -> Result<(Int64, Bool), Fault> in
      if let end = state.end { return .failure(end) }
      let id = state.nextID
      state.nextID += 1
      state.waiting[id] = Waiting(mailbox: mailbox, deadline: .now + limit, limit: limit)
      let mustWatch = !state.isWatchingDeadlines
      state.isWatchingDeadlines = true
      return .success((id, mustWatch))
    }
    let (id, mustWatch) = try registered.get()
    if mustWatch { Task { await watchDeadlines() } }
    return id
  }

  private func send(_ message: Message) async throws {
    do { try await channel.send(message.encoded) } catch {
      // The reader learns at about the same time why the server went away, and knows more.
      for _ in 0..<20 where state.withLock({ $0.end }) == nil {
        try? await Task.sleep(for: .milliseconds(10))
      }
      throw state.withLock { $0.end } ?? error
    }
  }

  /// Tells the server that nobody waits any more; a late answer is ignored.
  private func withdraw(_ id: Int64, because reason: String) {
    let params = JSONText(object: [
      ("requestId", JSONText(Int(id))), ("reason", JSONText(string: reason)),
    ])
    Task {
      try? await channel.send(
        Message.notification(method: "notifications/cancelled", params: params).encoded)
    }
  }

  private static func adding(progressToken id: Int64, to params: JSONText?) -> JSONText {
    let params = params ?? .emptyObject
    let meta = (params["_meta"] ?? .emptyObject).setting("progressToken", to: JSONText(Int(id)))
    return params.setting("_meta", to: meta)
  }

  /// One task per busy connection looks at all deadlines twice a second, instead of a timer for
  /// each call.
  private func watchDeadlines() async {
    while true {
      try? await Task.sleep(for: .milliseconds(500))
      let (late, isDone) = state.withLock { state -> ([Waiting], Bool) in
        let now = ContinuousClock.now
        let late = state.waiting.values.filter { $0.deadline <= now }
        let isDone = state.waiting.isEmpty
        if isDone { state.isWatchingDeadlines = false }
        return (late, isDone)
      }
      for waiting in late {
        let fault = Fault(
          .timeout, from: .server,
          "\(server) did not answer within \(waiting.limit.components.seconds) s",
          isRetryable: true)
        waiting.mailbox.put(.failure(fault))
      }
      if isDone { return }
    }
  }

  // MARK: Reading

  private func read() async {
    do {
      for try await frame in channel.incoming { try take(frame) }
      await end(describing: Fault(.serverGone, from: .server, "\(server) ended its connection"))
    } catch let fault as Fault {
      await end(describing: fault)
    } catch {
      await end(describing: Fault(.serverGone, from: .server, "\(server) broke its connection"))
    }
  }

  private func end(describing fault: Fault) async {
    var fault = fault
    let details = await diagnosis()
    if !details.isEmpty { fault.message += ": \(details)" }
    end(fault)
    await channel.close()
  }

  private func end(_ fault: Fault) {
    let waiting = state.withLock { state -> [Waiting] in
      guard state.end == nil else { return [] }
      state.end = fault
      return Array(state.waiting.values)
    }
    for request in waiting { request.mailbox.put(.failure(fault)) }
    onSignal(.ended)
  }

  private func take(_ frame: [UInt8]) throws(Fault) {
    let message: Message
    do { message = try Message(frame, limits: .fromServer) } catch {
      try skipOrRefuse(frame, error)
      return
    }
    switch message {
    case .result(let id, let result): mailbox(of: id)?.put(.result(result))
    case .failure(let id, let error): id.flatMap(mailbox(of:))?.put(.failure(error))
    case .notification(let method, let params): take(method, params ?? .emptyObject)
    case .request(let id, let method, _): try answer(id, method)
    }
  }

  /// A line that is no JSON object is a stray print of the server; an object that we refuse could
  /// be read differently by somebody else, so nothing more is believed.
  private func skipOrRefuse(_ frame: [UInt8], _ problem: MessageProblem) throws(Fault) {
    let start = frame.first { $0 != 0x20 && $0 != 0x09 }
    if start == UInt8(ascii: "{"), problem.error.code != -32700 {
      throw Fault(
        .protocolViolation, from: .server,
        "\(server) sent a message that cannot be accepted: \(problem.error.message)")
    }
    let count = state.withLock { state -> Int in
      state.junkLines += 1
      if state.firstJunk == nil {
        state.firstJunk = PrintableText(frame, limit: 160).description
      }
      return state.junkLines
    }
    guard count <= Self.mostJunkLines else {
      throw Fault(
        .protocolViolation, from: .server, "\(server) writes to stdout what is no MCP message")
    }
  }

  private func mailbox(of id: RequestID) -> CallMailbox? {
    guard case .integer(let number) = id else { return nil }
    return state.withLock { $0.waiting[number]?.mailbox }
  }

  private func take(_ method: String, _ params: JSONText) {
    switch method {
    case "notifications/progress": takeProgress(params)
    case "notifications/message": takeLog(params)
    case "notifications/tools/list_changed", "notifications/prompts/list_changed",
      "notifications/resources/list_changed":
      onSignal(.listChanged)
    default: break
    }
  }

  private func takeProgress(_ params: JSONText) {
    guard let token = params["progressToken"]?.int.map(Int64.init) else { return }
    let mailbox = state.withLock { state -> CallMailbox? in
      guard let waiting = state.waiting[token] else { return nil }
      state.waiting[token]?.deadline = .now + waiting.limit
      return waiting.mailbox
    }
    mailbox?.put(.event(.progress(params)))
  }

  /// A log message names no call; the newest one in flight is the best guess there is.
  private func takeLog(_ params: JSONText) {
    let newest = state.withLock { state in
      state.waiting.max { $0.key < $1.key }?.value.mailbox
    }
    if let newest { newest.put(.event(.log(params))) } else { onSignal(.log(params)) }
  }

  private func answer(_ id: RequestID, _ method: String) throws(Fault) {
    let reply: Message =
      method == "ping"
      ? .result(id: id, .emptyObject) : .failure(id: id, .methodNotFound(method))
    let hasRoom = state.withLock { state -> Bool in
      state.repliesInFlight += 1
      return state.repliesInFlight <= Self.mostReplies
    }
    guard hasRoom else {
      throw Fault(
        .protocolViolation, from: .server, "\(server) sends requests faster than it reads answers")
    }
    // Not awaited: a server that does not read while it writes must not stop our reading.
    Task {
      try? await channel.send(reply.encoded)
      state.withLock { $0.repliesInFlight -= 1 }
    }
  }
}

/// What happens on a connection outside of any call.
enum ServerSignal: Sendable, Hashable {
  /// Tools, prompts or resources are not what they were.
  case listChanged
  /// A log message while no call is in flight.
  case log(JSONText)
  /// The connection is over.
  case ended
}
