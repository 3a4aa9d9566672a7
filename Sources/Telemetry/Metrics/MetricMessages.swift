/// Metrics as messages; all of them are cumulative since the start.
struct MetricMessages: Sendable {
  private static let cumulative = OTLPMessage.Value.enumeration(2)

  /// In nanoseconds since 1970.
  let start: UInt64
  let now: UInt64

  /// - Parameter attributes: of all its points.
  func histogram(
    _ name: String, _ description: String, _ table: DurationTable,
    _ attributes: [(String, String?)] = []
  ) -> OTLPMessage? {
    guard !table.series.isEmpty else { return nil }
    let points = table.series.sorted { $0.value.count > $1.value.count }
      .map { point($0.key, $0.value, attributes) }
    return OTLPMessage([
      (1, "name", .string(name)), (2, "description", .string(description)),
      (3, "unit", .string("s")),
      (
        9, "histogram",
        .message(
          OTLPMessage([
            (1, "dataPoints", .messages(points)), (2, "aggregationTemporality", Self.cumulative),
          ]))
      ),
    ])
  }

  private func point(
    _ key: DurationTable.Key, _ series: DurationTable.Series, _ attributes: [(String, String?)]
  ) -> OTLPMessage {
    OTLPMessage([
      (2, "startTimeUnixNano", .fixed64(start)), (3, "timeUnixNano", .fixed64(now)),
      (4, "count", .fixed64(series.count)), (5, "sum", .double(series.sum)),
      (6, "bucketCounts", .fixed64s(series.buckets)),
      (7, "explicitBounds", .doubles(DurationTable.bounds)),
      (
        9, "attributes",
        OTLPMessage.attributes(
          key.subject.attributes + attributes + [("error.type", key.error)])
      ),
    ])
  }

  func counter(_ name: String, _ description: String, _ value: Int) -> OTLPMessage {
    let point = OTLPMessage([
      (2, "startTimeUnixNano", .fixed64(start)), (3, "timeUnixNano", .fixed64(now)),
      (6, "asInt", .fixed64(UInt64(max(0, value)))),
    ])
    return OTLPMessage([
      (1, "name", .string(name)), (2, "description", .string(description)),
      (3, "unit", .string("{span}")),
      (
        7, "sum",
        .message(
          OTLPMessage([
            (1, "dataPoints", .messages([point])), (2, "aggregationTemporality", Self.cumulative),
            (3, "isMonotonic", .bool(true)),
          ]))
      ),
    ])
  }
}
