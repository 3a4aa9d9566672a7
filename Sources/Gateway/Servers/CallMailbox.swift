import Synchronization
import Wire

/// What arrives for one request in flight, in order, for the one task that waits for it.
///
/// Progress and log messages wait here while the client reads slowly; beyond a number or a size the
/// oldest are dropped, so that a server that talks without end costs bounded memory. The answer is never
/// dropped, and nothing is taken in after it.
final class CallMailbox: Sendable {
  enum Item: Sendable {
    case event(ServerEvent)
    case result(JSONText)
    case failure(any Error)
  }

  static let mostEvents = 256
  static let mostBytes = 4 << 20

  private struct State {
    var events: [ServerEvent] = []
    var bytes = 0
    var answer: Item?
    var waiter: CheckedContinuation<Item, Never>?

    mutating func keep(_ event: ServerEvent) {
      events.append(event)
      bytes += event.params.count
      while events.count > CallMailbox.mostEvents || bytes > CallMailbox.mostBytes {
        _ = takeFirst()
      }
    }

    mutating func takeFirst() -> ServerEvent {
      let first = events.removeFirst()
      bytes -= first.params.count
      return first
    }
  }
  private let state = Mutex(State())

  func put(_ item: Item) {
    let waiter = state.withLock { state -> CheckedContinuation<Item, Never>? in
      guard state.answer == nil else { return nil }
      if case .event = item {} else { state.answer = item }
      if let waiter = state.waiter {
        state.waiter = nil
        return waiter
      }
      if case .event(let event) = item {
        state.keep(event)
      }
      return nil
    }
    waiter?.resume(returning: item)
  }

  /// Waits for the answer; `deliver` gets the events before it, and may wait. Ends with a ``Fault``
  /// when its task is cancelled.
  func answer(delivering deliver: ((ServerEvent) async -> Void)? = nil) async throws -> JSONText {
    try await withTaskCancellationHandler {
      while true {
        switch await next() {
        case .event(let event): await deliver?(event)
        case .result(let result): return result
        case .failure(let error): throw error
        }
      }
    } onCancel: {
      put(.failure(Fault(.cancelled, from: .client, "the call was cancelled")))
    }
  }

  /// The next event, or the answer once all events before it are taken.
  func next() async -> Item {
    await withCheckedContinuation { continuation in
      let ready = state.withLock { state -> Item? in
        if !state.events.isEmpty { return .event(state.takeFirst()) }
        if let answer = state.answer { return answer }
        state.waiter = continuation
        return nil
      }
      if let ready { continuation.resume(returning: ready) }
    }
  }
}

/// What a server says beside answering.
public enum ServerEvent: Sendable, Hashable {
  /// `notifications/progress` for the call, its parameters.
  case progress(JSONText)
  /// `notifications/message`, its parameters.
  case log(JSONText)
  /// `notifications/elicitation/complete`, its parameters.
  case elicitationComplete(JSONText)

  var params: JSONText {
    switch self {
    case .progress(let params), .log(let params), .elicitationComplete(let params): params
    }
  }
}
