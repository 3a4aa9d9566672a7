import Interceptors
import Synchronization
import Wire

/// Counts calls for whoever watches the gateway, in the text format of Prometheus.
///
/// Labels are configured names of servers and listed names of tools, never what a client sent: a
/// client could otherwise make as many series as it likes.
final class CallMetrics: CallJournal {
  private struct Subject: Hashable, Comparable {
    let server: String
    let tool: String

    static func < (one: Subject, other: Subject) -> Bool {
      (one.server, one.tool) < (other.server, other.tool)
    }
  }

  private struct Series {
    var decisions: [CallVerdict: Int] = [:]
    var buckets = [Int](repeating: 0, count: CallMetrics.bounds.count)
    var seconds = 0.0
    var count: Int { decisions.values.reduce(0, +) }
  }

  private struct State {
    var series: [Subject: Series] = [:]
    var turnedAway = 0
    var asks = 0
  }

  /// Upper ends of the buckets in seconds: a call of a warm container takes milliseconds, one of a
  /// language model's tool minutes.
  private static let bounds = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300,
  ]
  private static let mostSeries = 2_000

  private let state = Mutex(State())

  func began(_ call: Call) {}

  func ended(_ call: Call, _ trail: CallTrail, _ outcome: CallOutcome) {
    let (seconds, attoseconds) = trail.duration.components
    let time = Double(seconds) + Double(attoseconds) / 1e18
    state.withLock { state in
      var subject = Subject(
        server: call.server, tool: call.method == .callTool ? call.target : call.method.rawValue)
      if state.series[subject] == nil, state.series.count >= Self.mostSeries {
        subject = Subject(server: "", tool: "(others)")
      }
      var series = state.series.removeValue(forKey: subject) ?? Series()
      series.decisions[outcome.verdict, default: 0] += 1
      series.seconds += time
      if let bucket = Self.bounds.firstIndex(where: { time <= $0 }) { series.buckets[bucket] += 1 }
      state.series[subject] = series
    }
  }

  func asked(_ record: AskRecord) { state.withLock { $0.asks += 1 } }

  func turnedAway(_ request: TurnedAway) { state.withLock { $0.turnedAway += 1 } }

  /// All that was counted (text format 0.0.4).
  var text: String {
    let state = state.withLock { $0 }
    let series = state.series.sorted { $0.key < $1.key }
    var page = MetricsPage()
    page.begin("mcp_gateway_info", .gauge, "The version that runs.")
    page.add("mcp_gateway_info", [("version", Version.current)], "1")
    page.begin("mcp_gateway_calls_total", .counter, "Calls by server, tool and decision.")
    for (subject, series) in series {
      for verdict in CallVerdict.allCases {
        page.add(
          "mcp_gateway_calls_total", labels(subject) + [("decision", verdict.rawValue)],
          "\(series.decisions[verdict] ?? 0)")
      }
    }
    page.begin("mcp_gateway_call_duration_seconds", .histogram, "Time of calls.")
    for (subject, series) in series { add(series, labels(subject), to: &page) }
    page.begin(
      "mcp_gateway_requests_turned_away_total", .counter,
      "Requests that named nothing that their caller may have.")
    page.add("mcp_gateway_requests_turned_away_total", [], "\(state.turnedAway)")
    page.begin("mcp_gateway_asks_total", .counter, "Requests of servers to clients.")
    page.add("mcp_gateway_asks_total", [], "\(state.asks)")
    return page.text
  }

  private func labels(_ subject: Subject) -> [MetricsPage.Label] {
    [("server", subject.server), ("tool", subject.tool)]
  }

  private func add(_ series: Series, _ labels: [MetricsPage.Label], to page: inout MetricsPage) {
    let name = "mcp_gateway_call_duration_seconds"
    var sum = 0
    for (bound, count) in zip(Self.bounds, series.buckets) {
      sum += count
      page.add("\(name)_bucket", labels + [("le", "\(bound)")], "\(sum)")
    }
    page.add("\(name)_bucket", labels + [("le", "+Inf")], "\(series.count)")
    page.add("\(name)_sum", labels, "\(series.seconds)")
    page.add("\(name)_count", labels, "\(series.count)")
  }
}
