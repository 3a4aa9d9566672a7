import Synchronization
import Wire

/// An MCP client over a ``MessageChannel``: gives requests their ids, pairs answers with them, and
/// ends every request that the server leaves open.
///
/// The server is not trusted: lines that are no messages are skipped up to a limit, a message that
/// two readers could understand differently ends the connection, requests of the server go to the
/// client of its calls or are declined, and every request has a deadline.
final class MCPConnection: Sendable {
  /// Messages that nobody waits for (answers to the server's own requests, withdrawals) and that
  /// may wait to be written.
  private static let mostAsides = 64
  /// Larger events are dropped: they may wait in many places for a client that reads slowly.
  static let largestEvent = 1 << 20

  struct State {
    var requests = OpenRequests()
    var asks = OpenAsks()
    /// Goes with every request; nil in the handshake era.
    var envelope: ServerHandshake.Envelope?
    /// Told when the server says that it hears a `subscriptions/listen`.
    var whenAcknowledged: (@Sendable () -> Void)?
    /// Why no further request can be made.
    var end: Fault?
    var strays = StrayLines()
    var hasUnclaimed = false
    fileprivate var asidesInFlight = 0
    fileprivate var isWatchingDeadlines = false
    fileprivate var reader: Task<Void, Never>?
  }

  let server: String
  /// For whom the server was started.
  let tenant: Tenant
  private let channel: any MessageChannel
  private let executor: (any TaskExecutor)?
  let onSignal: @Sendable (ServerSignal) -> Void
  let onNotice: @Sendable (String) -> Void
  let state = Mutex(State())

  /// - Parameters:
  ///   - onSignal: told of notifications that belong to no call; must not block.
  ///   - onNotice: gets what an operator should know of, a line with words of the server.
  init(
    server: String, channel: any MessageChannel, executor: (any TaskExecutor)? = nil,
    tenant: Tenant = .nobody, onSignal: @escaping @Sendable (ServerSignal) -> Void,
    onNotice: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.server = server
    self.channel = channel
    self.executor = executor
    self.tenant = tenant
    self.onSignal = onSignal
    self.onNotice = onNotice
    let reader = Task(executorPreference: executor) { await self.read() }
    state.withLock { $0.reader = reader }
  }

  /// From now on requests are of the stateless era.
  func speak(_ envelope: ServerHandshake.Envelope) { state.withLock { $0.envelope = envelope } }

  func whenAcknowledged(_ tell: @escaping @Sendable () -> Void) {
    state.withLock { $0.whenAcknowledged = tell }
  }

  /// Reports what is known of the server by other ways than its words.
  func signal(_ signal: ServerSignal) { onSignal(signal) }

  /// The Id of the image that the server runs, where it runs in a container of ours.
  var image: String? { channel.image }

  var hasHeaders: Bool { channel.hasHeaders }

  /// Whether requests can still be made.
  var isOpen: Bool { state.withLock { $0.end == nil } }

  /// Sends a request and waits for its answer.
  ///
  /// - Parameters:
  ///   - limit: time without answer or progress after which the request is withdrawn.
  ///   - wantsProgress: adds a progress token of our own, by which progress finds this request.
  ///   - logLevel: what the client wants to hear, where the request itself can say so.
  ///   - headers: arguments that are repeated where the channel has headers.
  ///   - deliver: gets events of this request before its answer; may wait.
  ///   - ask: takes what the server asks of its client because of this request.
  /// - Throws: the server's ``RPCError``, or a ``Fault``.
  func request(
    _ method: String, _ params: JSONText?, within limit: Duration, wantsProgress: Bool = false,
    logLevel: LogLevel? = nil, mirroring headers: [MirroredHeader] = [],
    deliver: ((ServerEvent) async -> Void)? = nil, ask: AskCarrier? = nil
  ) async throws -> JSONText {
    let params =
      state.withLock { $0.envelope }?.added(to: params, logLevel: logLevel) ?? params
    let mailbox = CallMailbox()
    let id = try register(mailbox, limit, hearsEvents: deliver != nil, ask)
    defer { close(id) }
    let tokened = wantsProgress ? Self.adding(progressToken: id, to: params) : params
    let message = Message.request(id: .integer(id), method: method, params: tokened).encoded
    let sending = begin(message, headers, id, mailbox)
    do { return try await mailbox.answer(delivering: deliver) } catch {
      sending?.cancel()
      giveUp(id, method, error)
      throw error
    }
  }

  func notify(_ method: String, _ params: JSONText? = nil) async throws {
    try await channel.send(Message.notification(method: method, params: params).encoded)
  }

  /// Ends the connection; requests in flight fail. Returns when the channel has let go of
  /// everything.
  func close() async { await close { await $0.close() } }

  /// The same without waiting for the server to end by itself.
  func abort() async { await close { await $0.abort() } }

  private func close(_ end: (any MessageChannel) async -> Void) async {
    self.end(Fault(.shuttingDown, from: .gateway, "the connection to \(server) was closed"))
    await end(channel)
    state.withLock { $0.reader }?.cancel()
  }

  /// What is known about how the server failed, for people.
  func diagnosis() async -> String {
    let strays = state.withLock { $0.strays.summary }
    return [await channel.diagnosis(), strays].compactMap { $0?.isEmpty == false ? $0 : nil }
      .joined(separator: "; ")
  }

  // MARK: Requests

  private func register(
    _ mailbox: CallMailbox, _ limit: Duration, hearsEvents: Bool, _ ask: AskCarrier?
  ) throws(Fault) -> Int64 {
    let registered = state.withLock { state -> Result<(Int64, Bool, [OpenAsks.Parked]), Fault> in
      if let end = state.end { return .failure(end) }
      let id = state.requests.open(
        mailbox, limit: limit, hearsEvents: hearsEvents, carrier: ask, now: .now)
      let mustWatch = !state.isWatchingDeadlines
      state.isWatchingDeadlines = true
      let parked = ask == nil || state.asks.isEmpty ? [] : state.asks.takeParked()
      return .success((id, mustWatch, parked))
    }
    let (id, mustWatch, parked) = try registered.get()
    if mustWatch { Task { await watchDeadlines() } }
    if !parked.isEmpty { carryParked(parked) }
    return id
  }

  /// Nobody waits for the answer any more; what the server asked because of it is withdrawn.
  private func close(_ id: Int64) {
    let orphans = state.withLock { state in
      state.requests.close(id)
      return state.asks.isEmpty ? [] : state.asks.leave(id)
    }
    for ask in orphans { ask.cancel() }
  }

  /// The task that sends, unless it is done at once. Not awaited: the deadline and a cancellation
  /// hold for a server that does not read, too.
  private func begin(
    _ message: [UInt8], _ headers: [MirroredHeader], _ id: Int64, _ mailbox: CallMailbox
  ) -> Task<Void, Never>? {
    if headers.isEmpty, channel.sendNow(message) {
      state.withLock { $0.requests.markSent(id) }
      return nil
    }
    return Task(executorPreference: executor) { await self.send(message, headers, id, mailbox) }
  }

  private func send(
    _ message: [UInt8], _ headers: [MirroredHeader], _ id: Int64, _ mailbox: CallMailbox
  ) async {
    do {
      try await channel.send(message, mirroring: headers)
      state.withLock { $0.requests.markSent(id) }
    } catch {
      // The reader learns at about the same time why the server went away, and knows more.
      var patience = (error as? Fault)?.kind == .serverGone ? 100 : 0
      while patience > 0, !Task.isCancelled, state.withLock({ $0.end }) == nil {
        try? await Task.sleep(for: .milliseconds(10))
        patience -= 1
      }
      let end = state.withLock { $0.end }
      mailbox.put(.failure(end.map { reason($0, of: id) } ?? error))
    }
  }

  /// Tells the server that nobody waits any more; a late answer is ignored. `initialize` must not
  /// be cancelled (MCP, Cancellation).
  private func giveUp(_ id: Int64, _ method: String, _ error: any Error) {
    guard let fault = error as? Fault, fault.kind == .timeout || fault.kind == .cancelled else {
      return
    }
    let (isSent, isOpen) = state.withLock { ($0.requests.isSent(id), $0.end == nil) }
    guard isOpen else { return }
    guard isSent else {
      if fault.kind == .timeout { endUnread() }
      return
    }
    guard method != "initialize" else { return }
    let params = JSONText(object: [
      ("requestId", JSONText(Int(id))), ("reason", JSONText(string: fault.message)),
    ])
    // A server that reads nothing misses this too; its other calls say so in time.
    _ = sendAside(.notification(method: "notifications/cancelled", params: params))
  }

  /// A request could not even be written within its time: no later one will fare better.
  private func endUnread() {
    end(
      Fault(
        .serverGone, from: .server, "\(server) does not read what is sent to it",
        isRetryable: true))
    Task { await channel.close() }
  }

  /// Sends what nobody waits for; false if too much of it waits already. Not awaited: a server that
  /// does not read while it writes must not stop our reading.
  func sendAside(_ message: Message) -> Bool {
    let hasRoom = state.withLock { state -> Bool in
      guard state.asidesInFlight < Self.mostAsides else { return false }
      state.asidesInFlight += 1
      return true
    }
    guard hasRoom else { return false }
    Task {
      // What goes wrong with the channel is learnt by reading.
      try? await channel.send(message.encoded)
      state.withLock { $0.asidesInFlight -= 1 }
    }
    return true
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
      let (late, isDone) = state.withLock { state -> ([OpenRequests.Waiting], Bool) in
        let late = state.requests.late(now: .now)
        let isDone = state.requests.isEmpty
        if isDone { state.isWatchingDeadlines = false }
        return (late, isDone)
      }
      for waiting in late {
        let fault = Fault(
          .timeout, from: .server,
          "\(server) did not answer within \(waiting.patience.components.seconds) s",
          isRetryable: true)
        waiting.mailbox.put(.failure(fault))
      }
      if isDone { return }
    }
  }

  // MARK: Reading

  private func read() async {
    do {
      for try await message in channel.incoming { try take(message) }
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
    fault.exitCode = await channel.exitCode()
    end(fault)
    await channel.close()
  }

  private func end(_ fault: Fault) {
    let ended = state.withLock { state -> ([(Int64, OpenRequests.Waiting)], [CallHandle])? in
      guard state.end == nil else { return nil }
      state.end = fault
      return (state.requests.all, state.asks.handles)
    }
    guard let (waiting, asks) = ended else { return }
    for ask in asks { ask.cancel() }
    for (id, request) in waiting { request.mailbox.put(.failure(reason(fault, of: id))) }
    onSignal(.ended)
  }

  /// Why a request failed when the connection did.
  private func reason(_ fault: Fault, of id: Int64) -> Fault {
    var fault = fault
    fault.isUntouched = channel.hasNotTaken(.integer(id))
    return fault
  }

  func violation(_ what: String) -> Fault {
    Fault(.protocolViolation, from: .server, "\(server) \(what)")
  }
}
