import Synchronization
import Wire

/// What servers have asked the client of one session and it has not answered yet. The gateway gives
/// these requests ids of its own, so an answer finds its server and no client can answer for another.
final class SessionAsks: Sendable {
  /// Of all servers at the same time; more are declined.
  static let mostOpen = 32
  /// A person may have to decide; then it is over.
  static let longestWait = Duration.seconds(5 * 60)

  typealias Send = @Sendable (Message) async -> Void

  private struct State {
    var lastID: Int64 = 0
    var open: [Int64: CallMailbox] = [:]
    /// Requests and withdrawals that a slow client has yet to take. They count too: a server that asks
    /// and takes back in turns would fill our memory otherwise.
    var unsent = 0
    var isClosed = false
  }
  private let state = Mutex(State())
  private let limit: Duration

  init(limit: Duration = SessionAsks.longestWait) { self.limit = limit }

  /// Asks the client and waits for its answer.
  ///
  /// - Parameter send: takes the request, and later perhaps the notification that nobody waits for
  ///   the answer any more; may wait for a client that reads slowly.
  /// - Throws: the client's ``RPCError``, a ``Refusal`` or a ``Fault``.
  func put(
    _ ask: ServerAsk, send: @escaping Send
  ) async throws -> JSONText {
    let mailbox = CallMailbox()
    let id = try open(mailbox)
    defer { state.withLock { _ = $0.open.removeValue(forKey: id) } }
    let request = Message.request(
      id: .integer(id), method: ask.method.rawValue, params: ask.params)
    // Not awaited: time and cancellation run for a client that does not read, too.
    let sending = Task {
      await send(request)
      state.withLock { $0.unsent -= 1 }
    }
    let clock = Task { [limit] in
      try await Task.sleep(for: limit)
      mailbox.put(.failure(Self.tooLate(ask)))
    }
    defer { clock.cancel() }
    do { return try await mailbox.answer() } catch {
      if let fault = error as? Fault, fault.kind != .protocolViolation {
        withdraw(id, fault, after: sending, send)
      }
      throw error
    }
  }

  /// Behind the request: a person must not see a question that nobody waits for.
  private func withdraw(
    _ id: Int64, _ fault: Fault, after sending: Task<Void, Never>, _ send: @escaping Send
  ) {
    state.withLock { $0.unsent += 1 }
    Task {
      await sending.value
      await send(Self.withdrawal(of: id, fault))
      state.withLock { $0.unsent -= 1 }
    }
  }

  /// The client's answer. One that answers nothing is ignored.
  func take(_ answer: JSONText, of id: RequestID) {
    guard let mailbox = mailbox(of: id) else { return }
    guard answer.kind == .object else {
      mailbox.put(
        .failure(
          Fault(.protocolViolation, from: .client, "the client's answer is no object")))
      return
    }
    mailbox.put(.result(answer))
  }

  func take(_ error: RPCError, of id: RequestID?) {
    id.flatMap(mailbox(of:))?.put(.failure(error))
  }

  /// The client is gone: what is open fails, and nothing more is asked.
  func close() {
    let open = state.withLock { state in
      state.isClosed = true
      return Array(state.open.values)
    }
    for mailbox in open { mailbox.put(.failure(Self.gone)) }
  }

  private func open(_ mailbox: CallMailbox) throws -> Int64 {
    try state.withLock { state in
      guard !state.isClosed else { throw Self.gone }
      guard state.open.count < Self.mostOpen, state.unsent < Self.mostOpen else {
        throw Refusal(
          .overLimit, rule: "server-requests",
          message: "\(Self.mostOpen) requests of servers wait for the client's answer")
      }
      state.unsent += 1
      state.lastID += 1
      state.open[state.lastID] = mailbox
      return state.lastID
    }
  }

  private func mailbox(of id: RequestID) -> CallMailbox? {
    guard case .integer(let number) = id else { return nil }
    return state.withLock { $0.open[number] }
  }

  private static let gone = Fault(.cancelled, from: .client, "the client has gone")

  private static func tooLate(_ ask: ServerAsk) -> Fault {
    Fault(.timeout, from: .client, "the client did not answer \(ask.method.rawValue) in time")
  }

  private static func withdrawal(of id: Int64, _ fault: Fault) -> Message {
    .notification(
      method: "notifications/cancelled",
      params: JSONText(object: [
        ("requestId", JSONText(Int(id))), ("reason", JSONText(string: fault.message)),
      ]))
  }
}
