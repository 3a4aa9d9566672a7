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
  }

  private let connection: MCPConnection
  private let state = Mutex(State())

  init(_ connection: MCPConnection) { self.connection = connection }

  /// Begins to listen for changes of lists.
  func start() { restart { _ in } }

  func stop() { state.withLock { $0.listening }?.cancel() }

  /// Returns when the server has acknowledged it, or did not in time.
  func subscribe(to uri: String) async {
    await waiting(atMost: Self.patience) {
      await withCheckedContinuation { continuation in
        self.restart(whenHeard: continuation.resume) { $0.insert(uri) }
      }
    }
  }

  func unsubscribe(from uri: String) { restart { $0.remove(uri) } }

  private func restart(
    whenHeard: @escaping @Sendable () -> Void = {}, _ change: (inout Set<String>) -> Void
  ) {
    let once = OnceOnly(whenHeard)
    let earlier = state.withLock { state in
      change(&state.resources)
      let uris = state.resources.sorted()
      let earlier = state.listening
      state.listening = Task { [weak self] in
        await self?.listen(for: uris, once)
        // Who waits to be heard by a server that does not listen waits no longer.
        once.run()
      }
      return earlier
    }
    earlier?.cancel()
  }

  private func listen(for uris: [String], _ heard: OnceOnly) async {
    var pause = RelistPause()
    connection.whenAcknowledged { heard.run() }
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

/// Runs what it was given at the first of several occasions.
private final class OnceOnly: Sendable {
  private let work: Mutex<(@Sendable () -> Void)?>

  init(_ work: @escaping @Sendable () -> Void) { self.work = Mutex(work) }

  func run() {
    let work = work.withLock { work in
      defer { work = nil }
      return work
    }
    work?()
  }
}
