import Wire

/// What a call met on its way, in order and with times: what a record tells beside the call itself
/// and its outcome. It holds no values but those of ``sent``.
public struct CallTrail: Sendable, Hashable {
  /// The way to the server, the server itself, the way back.
  public enum Leg: String, Sendable, Hashable, CaseIterable { case out, server, back }

  /// What a stage did to what passed it.
  public enum Effect: String, Sendable, Hashable, CaseIterable {
    case passed, changed, answered, refused
    /// The station failed, and the operator had said that calls go on then.
    case unjudged
    /// The server, or the way to it, broke.
    case failed
  }

  public struct Step: Sendable, Hashable {
    /// `rules`, `secrets`, `server`, or the name of a station.
    public var stage: String
    public var leg: Leg
    public var effect: Effect
    public var duration: Duration

    public init(stage: String, leg: Leg, effect: Effect, duration: Duration) {
      self.stage = stage
      self.leg = leg
      self.effect = effect
      self.duration = duration
    }
  }

  public private(set) var steps: [Step] = []
  /// The call as the server got it, where a station changed it.
  public var sent: Call?
  /// The rule that allowed it.
  public var rule: String?
  /// The Id of the image that the asked server ran, where it ran in a container of ours.
  public var image: String?
  /// How the server's process ended, where it did so before the answer.
  public var exitCode: Int?

  private let start: ContinuousClock.Instant
  private var mark: ContinuousClock.Instant

  public init() {
    start = .now
    mark = start
    // Rules and scan out, server, scan and rules back: a plain call grows the list once.
    steps.reserveCapacity(6)
  }

  /// A call that took this long, for tests.
  init(lasting duration: Duration) {
    start = .now
    mark = start + duration
  }

  /// The stage is done; it took the time since the one before it.
  public mutating func passed(_ stage: String, _ leg: Leg, _ effect: Effect = .passed) {
    let now = ContinuousClock.now
    steps.append(Step(stage: stage, leg: leg, effect: effect, duration: now - mark))
    mark = now
  }

  /// From the beginning to the last stage that is done.
  public var duration: Duration { mark - start }
}
