import Synchronization
import Wire

/// One open `subscriptions/listen`: what waits to be told to a client that may read slowly. What is
/// said twice is told once, so little can wait.
final class StatelessListener: Sendable {
  private struct State {
    var subscriptions = Subscriptions()
    var lists: Set<ListenFilter.List> = []
    /// The URIs under which the client hears of updates.
    var updates: Set<String> = []
    var waiter: CheckedContinuation<Void, Never>?
    var isOver = false
  }

  private let id: RequestID
  private let filter: ListenFilter
  private let state = Mutex(State())

  /// - Parameter id: of the request; it names the subscription.
  init(_ id: RequestID, _ filter: ListenFilter) {
    self.id = id
    self.filter = filter
  }

  func add(_ uri: String, _ route: Directory.Route) throws(Refusal) {
    _ = try state.withLock { state throws(Refusal) in try state.subscriptions.add(uri, route) }
  }

  func announceLists() {
    change { $0.lists = self.filter.lists }
  }

  func announceUpdate(_ params: JSONText, of server: String) {
    guard let own = params["uri"]?.string else { return }
    change { state in
      state.updates.formUnion(state.subscriptions.audience(of: own, server))
      // More parts of resources than it can have asked for: it has to look for itself.
      if state.updates.count > Subscriptions.most { state.isOver = true }
    }
  }

  func end() { change { $0.isOver = true } }

  /// The first message: what will be told.
  func acknowledgement(_ honoured: ListenFilter) -> Message {
    .notification(
      method: "notifications/subscriptions/acknowledged",
      params: JSONText(object: [("notifications", honoured.text), ("_meta", meta)]))
  }

  /// The response, once nothing more comes.
  var result: JSONText { JSONText(object: [("_meta", meta)]) }

  /// Waits for something to tell; nil when it is over, or the task was cancelled.
  func next() async -> [Message]? {
    while !Task.isCancelled {
      let (messages, isOver) = state.withLock { state in (take(&state), state.isOver) }
      if !messages.isEmpty { return messages }
      if isOver { return nil }
      await wait()
    }
    return nil
  }

  private func take(_ state: inout State) -> [Message] {
    let lists = ListenFilter.List.allCases.filter(state.lists.contains).map {
      Message.notification(method: $0.method, params: JSONText(object: [("_meta", meta)]))
    }
    let updates = state.updates.sorted().map { uri in
      Message.notification(
        method: "notifications/resources/updated",
        params: JSONText(object: [("uri", JSONText(string: uri)), ("_meta", meta)]))
    }
    state.lists = []
    state.updates = []
    return lists + updates
  }

  private var meta: JSONText {
    JSONText(object: [("io.modelcontextprotocol/subscriptionId", id.text)])
  }

  private func wait() async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isReady = state.withLock { state in
          if !state.lists.isEmpty || !state.updates.isEmpty || state.isOver || Task.isCancelled {
            return true
          }
          state.waiter = continuation
          return false
        }
        if isReady { continuation.resume() }
      }
    } onCancel: {
      change { _ in }
    }
  }

  private func change(_ body: (inout State) -> Void) {
    let waiter = state.withLock { state in
      body(&state)
      defer { state.waiter = nil }
      return state.waiter
    }
    waiter?.resume()
  }
}
