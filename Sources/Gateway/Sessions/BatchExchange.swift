import Wire

/// The requests of a batch in progress (MCP 2025-03-26): every message is begun in its order and goes
/// the way of a single one; they run beside each other.
public struct BatchExchange: Sendable {
  private var answers: [Message] = []
  private var exchanges: [Exchange] = []

  /// Call it like ``ClientSession/begin(_:scopes:)``: in the order of messages, never concurrently.
  public init(
    _ batch: MessageBatch, scopes: Set<String> = [], in session: any ClientSession
  ) {
    for message in batch.messages {
      switch message {
      case .failure(let problem) where problem.subject == .request || problem.subject == .unknown:
        answers.append(.failure(id: problem.id, problem.error))
      // What is no request gets no answer, not even for its flaws.
      case .failure: continue
      case .success(let message):
        switch session.begin(message, scopes: scopes) {
        case .nothing: continue
        case .answer(let answer): answers.append(answer)
        case .work(let exchange): exchanges.append(exchange)
        }
      }
    }
  }

  /// Whether nothing is to be sent back: no message asked for anything.
  public var isSilent: Bool { answers.isEmpty && exchanges.isEmpty }

  /// How many requests have work to do.
  public var workCount: Int { exchanges.count }

  /// The responses, in no particular order; none for requests that were cancelled.
  public func run(emit: @escaping Exchange.Emit) async -> [Message] {
    await withTaskGroup(of: Message?.self) { group in
      for exchange in exchanges { group.addTask { await exchange.run(emit: emit) } }
      var responses = answers
      for await response in group {
        if let response { responses.append(response) }
      }
      return responses
    }
  }
}
