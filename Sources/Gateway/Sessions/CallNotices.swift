import Synchronization
import Wire

/// So many notifications at once, and so many a second (MCP leaves the rate to the receiver).
struct NoticePace: Sendable {
  static let perSecond = 50.0

  private var allowance = NoticePace.perSecond
  private var last: ContinuousClock.Instant?

  mutating func admits(now: ContinuousClock.Instant) -> Bool {
    if let last {
      let (seconds, attoseconds) = (now - last).components
      let passed = Double(seconds) + Double(attoseconds) / 1e18
      allowance = min(Self.perSecond, allowance + passed * Self.perSecond)
    }
    last = now
    guard allowance >= 1 else { return false }
    allowance -= 1
    return true
  }
}

/// The progress of one call: increases only, and where it comes too fast, the newest stands for those
/// before it.
struct ProgressCourse: Sendable {
  private var pace = NoticePace()
  private var last: Double?
  private var waiting: JSONText?

  /// What to pass on now.
  mutating func take(_ params: JSONText, now: ContinuousClock.Instant) -> JSONText? {
    guard let value = params["progress"]?.double, last.map({ value > $0 }) ?? true else {
      return nil
    }
    last = value
    guard pace.admits(now: now) else {
      waiting = params
      return nil
    }
    waiting = nil
    return params
  }

  /// What waited in vain for a next one.
  mutating func takeWaiting() -> JSONText? {
    defer { waiting = nil }
    return waiting
  }
}

/// What a client hears of one call before its answer: progress under its own token, log messages,
/// both at a pace that it can bear.
final class CallNotices: Sendable {
  private struct State {
    var progress = ProgressCourse()
    var logs = NoticePace()
    var heldLogs = 0
  }
  private let token: JSONText?
  private let state = Mutex(State())

  /// - Parameter token: the client's progress token; nil if it did not ask for progress.
  init(token: JSONText?) { self.token = token }

  var wantsProgress: Bool { token != nil }

  /// The params to pass on, if any.
  func progress(_ params: JSONText, now: ContinuousClock.Instant) -> JSONText? {
    guard let token else { return nil }
    return state.withLock { $0.progress.take(params, now: now) }?
      .setting("progressToken", to: token)
  }

  func admitsLog(now: ContinuousClock.Instant) -> Bool {
    state.withLock { state in
      let isAdmitted = state.logs.admits(now: now)
      if !isAdmitted { state.heldLogs += 1 }
      return isAdmitted
    }
  }

  /// The call is about to be answered: the last progress, if it was held back, and how many log
  /// messages were.
  func end() -> (progress: JSONText?, heldLogs: Int) {
    let (progress, logs) = state.withLock { ($0.progress.takeWaiting(), $0.heldLogs) }
    return (token.flatMap { progress?.setting("progressToken", to: $0) }, logs)
  }
}
