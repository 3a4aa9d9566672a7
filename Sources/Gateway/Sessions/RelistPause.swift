/// How long to wait before a server's lists are read again: a moment, so that bursts are taken
/// together, and twice as long each time, so that a server that announces changes without end costs
/// little. A server that was quiet for a while starts anew.
struct RelistPause: Sendable {
  static let shortest = Duration.milliseconds(100)
  static let longest = Duration.seconds(10)

  private var next = Self.shortest
  /// When the wait that was given last is over.
  private var latest: ContinuousClock.Instant?

  mutating func take(now: ContinuousClock.Instant) -> Duration {
    if let latest, now - latest > Self.longest { next = Self.shortest }
    defer { next = min(next * 2, Self.longest) }
    latest = now + next
    return next
  }
}
