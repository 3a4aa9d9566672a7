import Wire

/// One client's conversation with the gateway, as a transport sees it. It lives from `initialize`
/// to the end of the connection (stdio, SSE) or of the HTTP session.
public protocol ClientSession: AnyObject, Sendable {
  /// Random, at least 128 bits, visible ASCII: usable as `Mcp-Session-Id`. Not a credential.
  var id: String { get }
  /// Whom the transport authenticated when the session was opened; nobody else may use it.
  var identity: String { get }

  /// Takes the next message of the client. Call it in the order in which messages arrived, and
  /// never concurrently; it does not wait for servers. `scopes` are what the credential that came
  /// with this very message grants.
  func begin(_ message: Message, scopes: Set<String>) -> Begun

  /// Whether the client may send several messages in one array (MCP 2025-03-26 only): they are begun
  /// by ``BatchExchange``.
  var acceptsBatches: Bool { get }

  /// Messages that belong to no request, such as `notifications/tools/list_changed`. One consumer
  /// at a time; bounded, so that a client that never reads costs nothing.
  var unsolicited: AsyncStream<Message> { get }

  /// Ends the servers that the session holds; the next call starts them anew. For a client that has
  /// vanished in the middle of a call and may come back.
  func release() async

  /// Ends the session: calls in flight are cancelled and what it held (containers) is released.
  /// Returns when that is done. Safe to call twice.
  func end() async
}

extension ClientSession {
  public var acceptsBatches: Bool { false }

  /// For transports whose credentials know no scopes.
  public func begin(_ message: Message) -> Begun { begin(message, scopes: []) }
}

/// What a message asks of the transport.
public enum Begun: Sendable {
  /// Nothing is sent back (a notification, a response). HTTP answers 202.
  case nothing
  /// An answer that needed no waiting.
  case answer(Message)
  /// Work to do: run it, next to others.
  case work(Exchange)
}

/// A request in progress.
public struct Exchange: Sendable {
  /// Where messages go that belong to this request and come before its response (progress, logs).
  /// Waits while the client reads slowly.
  public typealias Emit = @Sendable (Message) async -> Void

  typealias Work = @Sendable (_ emit: @escaping Emit) async -> Message?

  /// By which the client cancels it.
  let handle: CallHandle
  private let executor: (any TaskExecutor)?
  private let work: Work

  /// - Parameter executor: where it runs, unless somebody else makes its task; nil: on a cooperative
  ///   thread.
  init(
    _ handle: CallHandle = CallHandle(), on executor: (any TaskExecutor)? = nil,
    _ work: @escaping Work
  ) {
    self.handle = handle
    self.executor = executor
    self.work = work
  }

  /// The response; nil if the client cancelled the request, which then gets none. Cancelling the
  /// task that runs it cancels the call at the server.
  public func run(emit: @escaping Emit) async -> Message? {
    let answer = await handle.run(on: executor) { await work(emit) }
    return Task.isCancelled || handle.isCancelled ? nil : answer
  }

  /// The same in a task that does nothing else and that ``handle`` has adopted: one task less.
  func runAdopted(emit: @escaping Emit) async -> Message? {
    guard !handle.isCancelled else { return nil }
    let answer = await work(emit)
    return Task.isCancelled || handle.isCancelled ? nil : answer
  }

  /// The same exchange with something to do at its end.
  func whenDone(_ finish: @escaping @Sendable () -> Void) -> Exchange {
    Exchange(handle, on: executor) { [work] emit in
      defer { finish() }
      return await work(emit)
    }
  }
}

/// Opens sessions. One object for the whole gateway.
public protocol SessionOpener: Sendable {
  /// Throws when too many sessions are open.
  func open(identity: String) throws(Refusal) -> any ClientSession
  /// Takes a request of the stateless era, which needs no session.
  func begin(_ request: StatelessRequest, identity: String) -> Exchange
  /// Has a request recorded that is refused before it begins.
  func turnAway(_ request: FlawedRequest, identity: String, scopes: Set<String>)
  /// Whether the servers have been listed (successfully or not), for `/health`.
  var isReady: Bool { get }
}
