/// Until when the verification of one image may take, all its requests together.
public struct Deadline: Sendable, Hashable {
  public let instant: ContinuousClock.Instant

  public init(after duration: Duration) { instant = .now + duration }

  private init(_ instant: ContinuousClock.Instant) { self.instant = instant }

  /// What is left; zero when it is over.
  public var remaining: Duration { max(.zero, instant - .now) }

  public var isOver: Bool { instant <= .now }

  /// The earlier of this and `duration` from now.
  func within(_ duration: Duration) -> Deadline { Deadline(min(instant, .now + duration)) }
}
