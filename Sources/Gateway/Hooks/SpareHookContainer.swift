import ContainerEngine
import Synchronization

/// The container that waits for a hook's next call: started, its standard input open. It serves one
/// call, so that no call sees what another one left.
final class SpareHookContainer: Sendable {
  /// A container and the right to have it.
  struct Held: Sendable {
    let container: LaunchedContainer
    let slot: ContainerSlots.Slot

    func end() async {
      await container.terminate()
      slot.release()
    }
  }

  private struct State {
    var next: Task<Held?, Never>?
    var isClosed = false
  }

  private let state = Mutex(State())

  /// The one that waits; nil where there is none, or it has ended by itself meanwhile.
  func take() async -> Held? {
    let next = state.withLock { state in
      defer { state.next = nil }
      return state.next
    }
    guard let held = await next?.value else { return nil }
    guard await held.container.exit(within: .zero) == nil else {
      await held.end()
      return nil
    }
    return held
  }

  /// Starts one, if none is there. A spare that cannot be started is none: the next call starts its
  /// own, and says what is wrong.
  func fill(_ start: @escaping @Sendable () async throws -> Held) {
    state.withLock { state in
      guard state.next == nil, !state.isClosed else { return }
      state.next = Task { try? await start() }
    }
  }

  /// From now on there is none; the one that waited is the caller's to end.
  func close() async -> Held? {
    let next = state.withLock { state in
      state.isClosed = true
      defer { state.next = nil }
      return state.next
    }
    return await next?.value
  }
}
