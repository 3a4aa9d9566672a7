import Testing

struct TimedOut: Error, CustomStringConvertible {
  let description: String
}

/// Waits until the condition gives a value; throws what was waited for when it never does.
func eventually<Value>(
  within limit: Duration = .seconds(20), _ what: @autoclosure () -> String,
  _ condition: () async throws -> Value?
) async throws -> Value {
  let clock = ContinuousClock()
  let end = clock.now + limit
  while true {
    if let value = try await condition() { return value }
    guard clock.now < end else { throw TimedOut(description: "not within \(limit): \(what())") }
    try await Task.sleep(for: .milliseconds(10))
  }
}

/// As above for a condition that is true or not.
func eventually(
  within limit: Duration = .seconds(20), _ what: @autoclosure () -> String,
  holds condition: () async throws -> Bool
) async throws {
  _ = try await eventually(within: limit, what()) { try await condition() ? true : nil }
}
