import Wire

/// Calls in numbers, by server and tool.
public struct LogStatistics: Sendable, Hashable {
  public struct Subject: Sendable, Hashable {
    public let server: String
    public let target: String
  }

  public struct Count: Sendable, Hashable {
    public var allowed = 0
    public var refused = 0
    public var failed = 0
    /// Microseconds, of allowed calls.
    public var time = 0
    public var longest = 0
    public var resultBytes = 0

    public var calls: Int { allowed + refused + failed }
    public var meanTime: Int { allowed == 0 ? 0 : time / allowed }
  }

  /// What a client can make up (names that lead nowhere) must not fill the memory.
  private static let mostSubjects = 10_000

  public private(set) var counts: [Subject: Count] = [:]
  public private(set) var total = Count()
  public private(set) var since: Timestamp?
  public private(set) var until: Timestamp?

  public init() {}

  public mutating func add(_ record: LogRecord) {
    guard record.type == .call else { return }
    since = since ?? record.time
    until = record.time
    Self.add(record, to: &total)
    var subject = Subject(server: record.server ?? "", target: record.target ?? "")
    if counts[subject] == nil, counts.count >= Self.mostSubjects {
      subject = Subject(server: "", target: "(others)")
    }
    Self.add(record, to: &counts[subject, default: Count()])
  }

  private static func add(_ record: LogRecord, to count: inout Count) {
    switch record.decision {
    case "refused": count.refused += 1
    case "failed": count.failed += 1
    default:
      count.allowed += 1
      count.time = count.time.clampedAdding(record.duration)
      count.longest = max(count.longest, record.duration)
      count.resultBytes = count.resultBytes.clampedAdding(record.resultBytes)
    }
  }
}
