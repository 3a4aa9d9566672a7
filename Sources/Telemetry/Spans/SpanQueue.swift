/// Finished calls that wait for their export. Bounded: what comes when it is full is counted and
/// dropped, because calls do not wait for telemetry.
struct SpanQueue: Sendable {
  private(set) var dropped = 0
  private var spans: [CallSpan] = []
  private let limit: Int

  init(limit: Int) { self.limit = limit }

  var count: Int { spans.count }

  mutating func add(_ span: CallSpan) {
    guard spans.count < limit else {
      dropped += 1
      return
    }
    spans.append(span)
  }

  /// The oldest ones.
  mutating func take(_ most: Int) -> [CallSpan] {
    let taken = Array(spans.prefix(most))
    spans.removeFirst(taken.count)
    return taken
  }

  /// Spans that were taken and could not be delivered.
  mutating func lose(_ count: Int) { dropped += count }
}
