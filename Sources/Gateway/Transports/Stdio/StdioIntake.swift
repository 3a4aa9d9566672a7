import Wire

/// What happens to each line of the client, where it is read: it is parsed and begun there, in
/// order; a quick answer is written there too, anything slow becomes a task.
struct StdioIntake: Sendable {
  let session: any ClientSession
  let writer: LineWriter
  let calls: StdioCalls
  let backlog: AnswerBacklog
  let messageLimit: Int
  /// Whether reading may stop while too many requests run: fine with a file; with a live client it
  /// would hold up the cancellations.
  let waitsForRoom: Bool

  @Sendable func take(_ line: LineSplitter.Line) {
    switch line {
    case .tooLong: answer(.failure(id: nil, .messageTooLarge(messageLimit)))
    case .line(let bytes): take(bytes)
    }
  }

  private func take(_ bytes: [UInt8]) {
    if MessageBatch.looksLike(bytes), session.acceptsBatches { return takeBatch(bytes) }
    let message: Message
    do throws(MessageProblem) { message = try Message(bytes, limits: limits) } catch {
      return refuse(error)
    }
    switch session.begin(message) {
    case .nothing: break
    case .answer(let response): answer(response)
    case .work(let exchange): run(exchange, of: message, size: bytes.count)
    }
  }

  private func takeBatch(_ bytes: [UInt8]) {
    let batch: MessageBatch
    do throws(MessageProblem) { batch = try MessageBatch(bytes, limits: limits) } catch {
      return refuse(error)
    }
    let exchange = BatchExchange(batch, in: session)
    guard !exchange.isSilent else { return }
    let refusal: (RPCError) -> Message = { .failure(id: nil, $0) }
    let work = StdioCalls.Work { [writer] in
      let responses = await exchange.run { await writer.write($0.encoded) }
      if !responses.isEmpty { await writer.write(MessageBatch.encoded(responses)) }
    }
    submit(work, size: bytes.count, refusing: refusal)
  }

  private func refuse(_ problem: MessageProblem) {
    if let response = problem.answer { answer(response) }
  }

  private var limits: JSONLimits { JSONLimits(maximumBytes: messageLimit) }

  private func answer(_ message: Message) {
    let bytes = message.encoded
    backlog.add(bytes.count)
    writer.submit(bytes) { [backlog] in backlog.remove(bytes.count) }
  }

  private func run(_ exchange: Exchange, of message: Message, size: Int) {
    let work = StdioCalls.Work(handle: exchange.handle) { [writer] in
      let response = await exchange.runAdopted { await writer.write($0.encoded) }
      if let response { await writer.write(response.encoded) }
    }
    submit(work, size: size, refusing: message.failing)
  }

  private func submit(
    _ work: StdioCalls.Work, size: Int, refusing refusal: (RPCError) -> Message
  ) {
    if waitsForRoom {
      calls.submitBlocking(size: size, work)
    } else if !calls.submit(size: size, work) {
      let limit = calls.limits.running + calls.limits.waiting
      answer(refusal(.tooManyRequests(limit)))
    }
  }
}
