import Synchronization

/// The keys of one issuer: fetched when first needed, kept, renewed now and then and when a token
/// names a key that is not known.
///
/// Anybody can send tokens with invented key ids, so the issuer is asked at most every
/// ``Pace/pause``, by one request at a time. Keys that could not be renewed for ``Pace/trust`` are
/// not believed any more: a key may have been withdrawn that we did not hear of.
public final class IssuerKeys: Sendable {
  public struct Pace: Sendable, Hashable {
    /// After this time the keys are renewed beside the requests that use them.
    public var renewal = Duration.seconds(600)
    public var trust = Duration.seconds(3600)
    /// Between two requests to the issuer, whatever came of the first.
    public var pause = Duration.seconds(30)

    public init() {}
  }

  public typealias Fetch = @Sendable () async throws -> KeySet

  private struct State {
    var keys: KeySet?
    var fetched = ContinuousClock.now
    /// Changes with the keys.
    var revision = 0
    var asked: ContinuousClock.Instant?
    var running: Task<Void, Never>?
  }

  private let fetch: Fetch?
  private let report: @Sendable (String) -> Void
  private let pace: Pace
  private let now: @Sendable () -> ContinuousClock.Instant
  private let state: Mutex<State>

  /// Keys from the network; `report` hears why they could not be had.
  public init(
    pace: Pace = Pace(), now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
    report: @escaping @Sendable (String) -> Void, fetch: @escaping Fetch
  ) {
    self.pace = pace
    self.now = now
    self.report = report
    self.fetch = fetch
    state = Mutex(State())
  }

  /// Keys from a file: in force until they are replaced.
  public init(_ keys: KeySet) {
    pace = Pace()
    now = { .now }
    report = { _ in }
    fetch = nil
    state = Mutex(State(keys: keys))
  }

  public func replace(_ keys: KeySet) {
    let now = now()
    state.withLock { state in
      state.keys = keys
      state.fetched = now
      state.revision += 1
    }
  }

  /// Keys, and what tells this state of them from another.
  typealias Current = (keys: KeySet, revision: Int)

  /// For what was concluded from the keys; nil while none are believed. Renews them when it is time:
  /// a token that was judged once would otherwise never make us hear that its key was withdrawn.
  var revision: Int? {
    if isDue { _ = beginFetch() }
    return trusted?.revision
  }

  /// The keys by which to judge a token that names the key `id`.
  func keys(for id: String?) async throws(AuthorizationFailure) -> Current {
    if let current = trusted {
      if current.keys.knows(id) {
        if isDue { _ = beginFetch() }
        return current
      }
      // Perhaps a new key: asked for once, and not again before the pause is over.
      await beginFetch()?.value
      return trusted ?? current
    }
    await beginFetch()?.value
    guard let current = trusted else {
      throw .unavailable("the keys of the token's issuer cannot be had at the moment")
    }
    return current
  }

  private var trusted: Current? {
    let now = now()
    return state.withLock { state in
      guard let keys = state.keys, fetch == nil || now - state.fetched < pace.trust else {
        return nil
      }
      return (keys, state.revision)
    }
  }

  private var isDue: Bool {
    let now = now()
    return fetch != nil && state.withLock { now - $0.fetched >= pace.renewal }
  }

  /// The request that is under way, or a new one if its time has come.
  private func beginFetch() -> Task<Void, Never>? {
    guard let fetch else { return nil }
    let now = now()
    return state.withLock { state in
      if let running = state.running { return running }
      if let asked = state.asked, now - asked < pace.pause { return nil }
      state.asked = now
      let task = Task {
        do { self.replace(try await fetch()) } catch { self.report("\(error)") }
        self.state.withLock { $0.running = nil }
      }
      state.running = task
      return task
    }
  }
}
