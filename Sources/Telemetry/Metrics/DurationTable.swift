/// Durations of operations by what they were about, as histograms that only grow.
struct DurationTable: Sendable {
  struct Key: Sendable, Hashable {
    var subject: CallSubject
    var error: String?
  }

  struct Series: Sendable, Hashable {
    var buckets = [UInt64](repeating: 0, count: DurationTable.bounds.count + 1)
    var count: UInt64 = 0
    var sum = 0.0
  }

  /// In seconds (semantic conventions for MCP, Metrics).
  static let bounds: [Double] = [
    0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300,
  ]
  private static let mostSeries = 2_000

  private(set) var series: [Key: Series] = [:]

  mutating func add(_ duration: Duration, _ subject: CallSubject, error: String?) {
    var key = Key(subject: subject, error: error)
    if series[key] == nil, series.count >= Self.mostSeries {
      // Servers could list ever new tools.
      key = Key(
        subject: CallSubject(method: subject.method, server: "(others)"),
        error: error == nil ? nil : "_OTHER")
    }
    let seconds = duration.inSeconds
    let bucket = Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count
    series[key, default: Series()].buckets[bucket] += 1
    series[key]?.count += 1
    series[key]?.sum += seconds
  }
}
