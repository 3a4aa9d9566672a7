import Wire

/// The requests that a connection has open, without clock or task: who waits for which answer, and
/// until when.
struct OpenRequests: Sendable {
  /// Progress moves a deadline, but not beyond this time after the start: a server that reports
  /// progress for ever has not answered either.
  static let longest = Duration.seconds(30 * 60)

  struct Waiting: Sendable {
    let mailbox: CallMailbox
    let limit: Duration
    let hearsEvents: Bool
    let carrier: AskCarrier?
    fileprivate let latest: ContinuousClock.Instant
    fileprivate(set) var deadline: ContinuousClock.Instant
    /// Whether the server has the request: the channel has taken it.
    var isSent = false
    /// Requests of the server that this one may wait for: meanwhile a person or a model takes the time.
    fileprivate var asks = 0

    /// How long was waited in vain once the deadline has passed.
    var patience: Duration {
      deadline < latest && asks == 0 ? limit : max(limit, OpenRequests.longest)
    }
  }

  private var nextID: Int64 = 1
  private var waiting: [Int64: Waiting] = [:]

  var isEmpty: Bool { waiting.isEmpty }

  mutating func open(
    _ mailbox: CallMailbox, limit: Duration, hearsEvents: Bool, carrier: AskCarrier? = nil,
    now: ContinuousClock.Instant
  ) -> Int64 {
    defer { nextID += 1 }
    waiting[nextID] = Waiting(
      mailbox: mailbox, limit: limit, hearsEvents: hearsEvents, carrier: carrier,
      latest: now + max(limit, Self.longest), deadline: now + limit)
    return nextID
  }

  mutating func close(_ id: Int64) { waiting[id] = nil }

  mutating func markSent(_ id: Int64) { waiting[id]?.isSent = true }
  func isSent(_ id: Int64) -> Bool { waiting[id]?.isSent == true }

  func mailbox(of id: RequestID) -> CallMailbox? {
    guard case .integer(let number) = id else { return nil }
    return waiting[number]?.mailbox
  }

  /// Restarts the clock of the request that reports progress.
  mutating func progressed(_ token: Int64, now: ContinuousClock.Instant) -> CallMailbox? {
    guard var request = waiting[token] else { return nil }
    request.deadline = min(now + request.limit, request.latest)
    waiting[token] = request
    return request.mailbox
  }

  /// The one request that is open; nil if there are several or none.
  var only: CallMailbox? { waiting.count == 1 ? waiting.values.first?.mailbox : nil }

  /// Who is told of an event: the request on whose stream it came. Where nobody knows, the newest
  /// call is the best guess there is.
  func listener(of request: RequestID?) -> CallMailbox? {
    if let known = number(request) {
      return waiting[known].flatMap { $0.hearsEvents ? $0.mailbox : nil }
    }
    return waiting.filter(\.value.hearsEvents).max { $0.key < $1.key }?.value.mailbox
  }

  /// The request on whose stream something came, if it is one of ours.
  private func number(_ request: RequestID?) -> Int64? {
    guard case .integer(let number)? = request, number < nextID else { return nil }
    return number
  }

  /// Whether what came on the stream of `request` comes too late: nobody waits for that one any more.
  func isOver(_ request: RequestID?) -> Bool { number(request).map { waiting[$0] == nil } ?? false }

  /// The calls that a server may ask something for, and who is asked: of the call on whose stream
  /// it asks, that one alone, else all that may be meant and the newest.
  func carriers(
    of request: RequestID?
  ) -> (calls: Set<Int64>, newest: (id: Int64, carrier: AskCarrier)?) {
    if let known = number(request), let carrier = waiting[known]?.carrier {
      return ([known], (known, carrier))
    }
    var calls: Set<Int64> = []
    var newest: (id: Int64, carrier: AskCarrier)?
    for (id, request) in waiting {
      guard let carrier = request.carrier else { continue }
      calls.insert(id)
      if id > newest?.id ?? 0 { newest = (id, carrier) }
    }
    return (calls, newest)
  }

  /// Stops the clock of calls, except for their longest time.
  mutating func pause(_ calls: Set<Int64>) {
    for id in calls { waiting[id]?.asks += 1 }
  }

  /// Starts the clock anew once nothing is asked any more.
  mutating func resume(_ calls: Set<Int64>, now: ContinuousClock.Instant) {
    for id in calls {
      guard var request = waiting[id] else { continue }
      request.asks -= 1
      request.deadline = min(now + request.limit, request.latest)
      waiting[id] = request
    }
  }

  func late(now: ContinuousClock.Instant) -> [Waiting] {
    waiting.values.filter { ($0.asks > 0 ? $0.latest : $0.deadline) <= now }
  }

  var all: [(id: Int64, request: Waiting)] { waiting.map { ($0.key, $0.value) } }
}
