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
    var held: Held?
    var isStarting = false
    var isClosed = false
  }

  private let state = Mutex(State())
  private let farewells: Farewells

  /// - Parameter farewells: what is being started when all ends is waited for there.
  init(farewells: Farewells) { self.farewells = farewells }

  /// The one that waits; nil where there is none yet, or it has ended by itself meanwhile. Does not
  /// wait for one that is being started: the call that asks has its own time.
  func take() async -> Held? {
    let held = state.withLock { state in
      defer { state.held = nil }
      return state.held
    }
    guard let held else { return nil }
    guard await held.container.exit(within: .zero) == nil else {
      farewells.add { await held.end() }
      return nil
    }
    return held
  }

  /// Starts one, if none is there. A spare that cannot be started is none: the next call starts its
  /// own, and says what is wrong.
  func fill(_ start: @escaping @Sendable () async throws -> Held) {
    let isWanted = state.withLock { state in
      guard state.held == nil, !state.isStarting, !state.isClosed else { return false }
      state.isStarting = true
      return true
    }
    guard isWanted else { return }
    farewells.add { [self] in
      let held = try? await start()
      let isTooLate = state.withLock { state in
        state.isStarting = false
        if !state.isClosed { state.held = held }
        return state.isClosed
      }
      if isTooLate { await held?.end() }
    }
  }

  /// From now on there is none; the one that waited is the caller's to end.
  func close() -> Held? {
    state.withLock { state in
      state.isClosed = true
      defer { state.held = nil }
      return state.held
    }
  }
}
