import Synchronization
import Wire

/// A call of the stateless era from its first request to its result.
///
/// What a server asks of the client on the way cannot be sent there: the client's request is answered
/// with what is asked, and the client asks again and brings the answers (MCP 2026-07-28, Multi
/// Round-Trip Requests). The call itself goes on all the time: it passes the pipeline once, is
/// recorded once, and the server runs its tool once, however many requests of the client carry it.
final class InputCall: Sendable {
  /// What a request of the client is answered with.
  enum Turn: Sendable {
    case finished(Result<JSONText, any Error>)
    /// What is asked, by the keys under which the answers come back.
    case input([(key: String, ask: ServerAsk)])
  }

  typealias Deliver = @Sendable (ServerEvent) async -> Void

  /// Questions that come together are asked together.
  private static let settling = Duration.milliseconds(10)

  private struct State {
    var open: [(key: String, ask: ServerAsk, answer: CallMailbox)] = []
    var asked = 0
    var outcome: Result<JSONText, any Error>?
    /// The request of the client that waits for its turn.
    var waiter: CheckedContinuation<Turn, Never>?
    var deliver: Deliver?
    var work: Task<Void, Never>?

    var turn: Turn? {
      if let outcome { return .finished(outcome) }
      return open.isEmpty ? nil : .input(open.map { ($0.key, $0.ask) })
    }
  }
  private let state = Mutex(State())

  /// Begins the call. Cancelled by ``cancel()`` alone.
  func start(
    on executor: (any TaskExecutor)?, _ work: @escaping @Sendable () async throws -> JSONText
  ) {
    let task = Task(executorPreference: executor) {
      let outcome: Result<JSONText, any Error>
      do { outcome = .success(try await work()) } catch { outcome = .failure(error) }
      self.finish(outcome)
    }
    state.withLock { $0.work = task }
  }

  func cancel() { state.withLock { $0.work }?.cancel() }

  /// Tells the request that waits what belongs to the call; nobody hears it between two requests.
  func deliver(_ event: ServerEvent) async { await state.withLock { $0.deliver }?(event) }

  /// Waits, for one request of the client, until there is something to answer it with. Cancelling
  /// the task cancels the call.
  func turn(_ deliver: @escaping Deliver) async -> Turn {
    state.withLock { $0.deliver = deliver }
    defer { state.withLock { $0.deliver = nil } }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let turn = state.withLock { state -> Turn? in
          guard let turn = state.turn else {
            state.waiter = continuation
            return nil
          }
          return turn
        }
        if let turn { continuation.resume(returning: turn) }
      }
    } onCancel: {
      cancel()
    }
  }

  /// Hands on the answers that the client brought. Others are ignored, missing ones are asked for
  /// again.
  func take(_ answers: JSONText?) {
    let answered = state.withLock { state in
      let answered = state.open.compactMap { question in
        answers?[question.key].map { (question.answer, $0) }
      }
      state.open.removeAll { answers?[$0.key] != nil }
      return answered
    }
    for (mailbox, answer) in answered {
      guard answer.kind == .object else {
        mailbox.put(.failure(RPCError.invalidParams("an answer in inputResponses is no object")))
        continue
      }
      mailbox.put(.result(answer))
    }
  }

  /// Asks the client; waits for its next request.
  func put(_ ask: ServerAsk) async throws -> JSONText {
    let mailbox = CallMailbox()
    state.withLock { state in
      state.asked += 1
      let isFree = !state.open.contains { $0.key == ask.key }
      let key = ask.key.flatMap { isFree ? $0 : nil } ?? "input-\(state.asked)"
      state.open.append((key, ask, mailbox))
    }
    Task {
      try await Task.sleep(for: Self.settling)
      wakeWaiter()
    }
    defer { state.withLock { $0.open.removeAll { $0.answer === mailbox } } }
    return try await mailbox.answer()
  }

  private func finish(_ outcome: Result<JSONText, any Error>) {
    state.withLock { $0.outcome = outcome }
    wakeWaiter()
  }

  private func wakeWaiter() {
    let (waiter, turn) = state.withLock {
      state -> (CheckedContinuation<Turn, Never>?, Turn?) in
      guard let turn = state.turn else { return (nil, nil) }
      defer { state.waiter = nil }
      return (state.waiter, turn)
    }
    if let turn { waiter?.resume(returning: turn) }
  }
}
