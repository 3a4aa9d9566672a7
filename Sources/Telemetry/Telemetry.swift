import Glibc
import Interceptors
import Synchronization
import Wire

/// Traces and metrics of calls, by the semantic conventions for MCP. On a call's path it costs the
/// copy of some names under a lock; encoding and export are somebody else's time.
public final class Telemetry: CallJournal {
  private struct State {
    var spans: SpanQueue
    var calls = DurationTable()
    var requests = DurationTable()
  }

  public let settings: TelemetrySettings
  private let state: Mutex<State>
  private let resource: OTLPMessage
  private let scope: OTLPMessage
  private let transport: [(String, String?)]
  private let start = now()
  /// Speaks when a batch is full.
  private let fullness: AsyncStream<Void>.Continuation
  /// Yields when spans should not wait for the time. One consumer.
  public let fullBatches: AsyncStream<Void>

  /// - Parameters:
  ///   - instance: identifies this run of the gateway.
  ///   - transport: how clients reach it: `stdio`, or one of those over HTTP.
  public init(_ settings: TelemetrySettings, version: String, instance: String, transport: String) {
    self.settings = settings
    state = Mutex(State(spans: SpanQueue(limit: settings.batch.queue)))
    scope = .scope(version: version)
    let chosen = settings.resource.map { ($0.name, $0.value) }
    let own = [
      ("service.version", version), ("service.instance.id", instance),
      ("telemetry.sdk.name", "mcp-gateway"), ("telemetry.sdk.language", "swift"),
      ("telemetry.sdk.version", version),
    ].filter { name, _ in !chosen.contains { $0.0 == name } }
    resource = .resource(chosen + own)
    self.transport =
      transport == "stdio"
      ? [("network.transport", "pipe")]
      : [("network.transport", "tcp"), ("network.protocol.name", "http")]
    (fullBatches, fullness) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  // MARK: On the path of a call

  /// The call with its place in a trace: under its client's span where the client tells one.
  public func tracing(_ call: Call) -> Call {
    guard settings.traces != nil else { return call }
    var traced = call
    let parent =
      settings.propagates
      ? call.params["_meta"]?["traceparent"]?.string.flatMap(TraceContext.init(traceparent:)) : nil
    var trace = CallTrace(under: parent, isSampled: false)
    trace.isSampled = settings.sampler.samples(parent, trace.traceID)
    trace.isPropagated = settings.propagates
    traced.trace = trace
    return traced
  }

  public func began(_ call: Call) {}

  public func ended(_ call: Call, _ trail: CallTrail, _ outcome: CallOutcome) {
    let subject = CallSubject(call)
    let ending = CallEnding(outcome)
    let span = call.trace.flatMap { trace in
      trace.isSampled
        ? CallSpan(
          trace: trace, id: call.id, session: call.caller.session, subject: subject,
          end: Self.now(),
          duration: trail.duration, steps: trail.steps, rule: trail.rule, ending: ending) : nil
    }
    let request = trail.steps.first { $0.stage == "server" }
    let isFull = state.withLock { state in
      state.calls.add(trail.duration, subject, error: ending.error)
      if let request {
        state.requests.add(request.duration, subject, error: ending.ofServer(request))
      }
      guard let span else { return false }
      state.spans.add(span)
      return state.spans.count >= settings.batch.size
    }
    if isFull { fullness.yield() }
  }

  public func asked(_ record: AskRecord) {
    let subject = CallSubject(method: record.ask.method.rawValue, server: record.ask.server)
    state.withLock {
      $0.requests.add(record.duration, subject, error: CallEnding(record.outcome).error)
    }
  }

  // MARK: Beside it

  /// The oldest spans; nil if there are none.
  public func takeSpans() -> ExportRequest? {
    guard let destination = settings.traces else { return nil }
    let spans = state.withLock { $0.spans.take(settings.batch.size) }
    guard !spans.isEmpty else { return nil }
    let messages = spans.flatMap { $0.messages(transport: transport) }
    let body = OTLPMessage([
      (
        1, "resourceSpans",
        .messages([
          OTLPMessage([
            (1, "resource", .message(resource)),
            (
              2, "scopeSpans",
              .messages([
                OTLPMessage([(1, "scope", .message(scope)), (2, "spans", .messages(messages))])
              ])
            ),
          ])
        ])
      )
    ])
    return ExportRequest(body, destination.encoding, calls: spans.count)
  }

  /// Spans that could not be delivered.
  public func lose(_ request: ExportRequest) {
    state.withLock { $0.spans.lose(request.calls) }
  }

  /// Calls that were not traced although they should have been.
  public var droppedSpans: Int { state.withLock { $0.spans.dropped } }

  /// All metrics as they are; nil where nobody wants them.
  public func takeMetrics() -> ExportRequest? {
    guard let destination = settings.metrics else { return nil }
    let state = state.withLock { $0 }
    let make = MetricMessages(start: start, now: Self.now())
    let metrics = [
      make.histogram(
        "mcp.server.operation.duration",
        "Calls of clients, from their first check to their answer.",
        state.calls, transport),
      make.histogram(
        "mcp.client.operation.duration",
        "Requests of the gateway to servers, and of servers to clients.",
        state.requests),
      make.counter(
        "mcp_gateway.telemetry.dropped", "Calls whose spans were dropped.", state.spans.dropped),
    ].compactMap(\.self)
    let body = OTLPMessage([
      (
        1, "resourceMetrics",
        .messages([
          OTLPMessage([
            (1, "resource", .message(resource)),
            (
              2, "scopeMetrics",
              .messages([
                OTLPMessage([(1, "scope", .message(scope)), (2, "metrics", .messages(metrics))])
              ])
            ),
          ])
        ])
      )
    ])
    return ExportRequest(body, destination.encoding)
  }

  /// Nanoseconds since 1970.
  private static func now() -> UInt64 {
    var time = timespec()
    guard unsafe clock_gettime(CLOCK_REALTIME, &time) == 0, time.tv_sec >= 0 else { return 0 }
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(max(0, time.tv_nsec))
  }
}
