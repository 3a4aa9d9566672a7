import Synchronization
import Wire

/// One session's view of the lists: the gateway's, with those servers replaced whose own instance
/// in this session lists something else.
final class SessionDirectory: Sendable {
  private struct State {
    var overrides: [String: Listing] = [:]
    var cached: (revision: Int, directory: Directory)?
    /// Servers being listed again, and whether another change came meanwhile.
    var relisting: [String: Bool] = [:]
    var pauses: [String: RelistPause] = [:]
  }
  private let state = Mutex(State())

  func current(over snapshot: Snapshot) -> Directory {
    state.withLock { state in
      if state.overrides.isEmpty { return snapshot.directory }
      if let cached = state.cached, cached.revision == snapshot.revision { return cached.directory }
      let directory = snapshot.directory(replacing: state.overrides)
      state.cached = (snapshot.revision, directory)
      return directory
    }
  }

  /// Takes a server's new lists, nil for those of the gateway; true if what the client sees differs.
  func update(_ server: String, _ listing: Listing?, over snapshot: Snapshot) -> Bool {
    let before = current(over: snapshot)
    state.withLock { state in
      state.overrides[server] = listing
      state.cached = nil
    }
    return !before.looksLike(current(over: snapshot))
  }

  /// False if the server is being listed already; that listing is then repeated, once for however
  /// many changes come, so that a server that announces changes without end costs one loop.
  func beginRelisting(_ server: String) -> Bool {
    state.withLock { state in
      if state.relisting[server] != nil {
        state.relisting[server] = true
        return false
      }
      state.relisting[server] = false
      return true
    }
  }

  /// How long to wait before the next listing.
  func pauseBeforeRelisting(_ server: String) -> Duration {
    state.withLock { $0.pauses[server, default: RelistPause()].take(now: .now) }
  }

  /// Whether a change came during the last listing.
  func mustRelist(_ server: String) -> Bool {
    state.withLock { state in
      if state.relisting[server] == true {
        state.relisting[server] = false
        return true
      }
      state.relisting[server] = nil
      return false
    }
  }
}

extension Directory {
  /// Whether clients see the same.
  func looksLike(_ other: Directory) -> Bool {
    let lists = [\Directory.toolPages, \.promptPages, \.resourcePages, \.templatePages]
    return lists.allSatisfy { self[keyPath: $0].whole == other[keyPath: $0].whole }
  }
}
