/// Rest before a server's lists are read again: short, so that bursts are taken together, and longer
/// each time, so that a server that announces changes without end costs little.
struct RelistPause: Sendable {
  private static let longest = Duration.seconds(10)
  private(set) var next = Duration.milliseconds(100)

  mutating func rest() async {
    let pause = next
    next = min(pause * 2, Self.longest)
    // The task is not cancelled; it ends by finding its server gone.
    try? await Task.sleep(for: pause)
  }
}
