import Synchronization
import Wire

/// What we listen for at a long-lived server of the stateless era (`subscriptions/listen`): changes of
/// its lists, and of the resources that its clients subscribed to. One stream, opened anew when what is
/// listened for changes or when the server ends it.
final class ServerListener: Sendable {
  /// Streams end long before, by the server or by the channel.
  private static let longest = Duration.seconds(24 * 60 * 60)
  /// How long a subscriber waits until the server says that it is heard.
  private static let patience = Duration.seconds(5)

  private struct State {
    var resources: Set<String> = []
    var listening: Task<Void, Never>?
    /// Who waits to hear what the server makes of the stream that is opened last: it is for them, too.
    var subscribers: [@Sendable (_ isHeard: Bool) -> Void] = []
  }

  private let connection: MCPConnection
  private let state = Mutex(State())

  init(_ connection: MCPConnection) { self.connection = connection }

  /// Begins to listen for changes of lists.
  func start() { restart { _ in } }

  func stop() {
    state.withLock { $0.listening }?.cancel()
    tell(false)
  }

  /// Whether the server has acknowledged it; false where it refused, or said nothing in time.
  func subscribe(to uri: String) async -> Bool {
    let heard = Verdict()
    await waiting(atMost: Self.patience) {
      await withCheckedContinuation { continuation in
        let tell: @Sendable (Bool) -> Void = {
          heard.set($0)
          continuation.resume()
        }
        self.restart(tell) { $0.insert(uri) }
      }
    }
    if !heard.value { unsubscribe(from: uri) }
    return heard.value
  }

  func unsubscribe(from uri: String) { restart { $0.remove(uri) } }

  private func restart(
    _ subscriber: (@Sendable (_ isHeard: Bool) -> Void)? = nil,
    _ change: (inout Set<String>) -> Void
  ) {
    let earlier = state.withLock { state in
      change(&state.resources)
      if let subscriber { state.subscribers.append(subscriber) }
      let uris = state.resources.sorted()
      let earlier = state.listening
      state.listening = Task { [weak self] in
        await self?.listen(for: uris)
        // Another stream is for those who wait, if this one gave way to it.
        if !Task.isCancelled { self?.tell(false) }
      }
      return earlier
    }
    earlier?.cancel()
  }

  private func tell(_ isHeard: Bool) {
    let subscribers = state.withLock { state in
      defer { state.subscribers = [] }
      return state.subscribers
    }
    for tell in subscribers { tell(isHeard) }
  }

  private func listen(for uris: [String]) async {
    var pause = RelistPause()
    // Another one listens already, for more or less.
    guard !Task.isCancelled else { return }
    connection.whenAcknowledged { [weak self] in self?.tell(true) }
    while connection.isOpen, !Task.isCancelled {
      do {
        _ = try await connection.request(
          "subscriptions/listen", Self.params(uris), within: Self.longest)
      } catch let error as RPCError where error.data?["fault"] == nil {
        // It offers nothing to listen for.
        return
      } catch {
        // Whatever ended the stream, the next one may hold; the connection knows if it is over.
      }
      guard connection.isOpen, !Task.isCancelled else { return }
      // Cancelled while asleep: the loop ends.
      try? await Task.sleep(for: pause.take(now: .now))
      // Nothing is repeated of what was said meanwhile.
      connection.signal(.listChanged)
    }
  }

  private static func params(_ uris: [String]) -> JSONText {
    let wanted = JSONText(true)
    var notifications = [
      ("toolsListChanged", wanted), ("promptsListChanged", wanted),
      ("resourcesListChanged", wanted),
    ]
    if !uris.isEmpty {
      notifications.append(
        ("resourceSubscriptions", JSONText(array: uris.map { JSONText(string: $0) })))
    }
    return JSONText(object: [("notifications", JSONText(object: notifications))])
  }
}

/// What a server made of a subscription.
private final class Verdict: Sendable {
  private let state = Mutex(false)
  var value: Bool { state.withLock { $0 } }
  func set(_ value: Bool) { state.withLock { $0 = value } }
}
