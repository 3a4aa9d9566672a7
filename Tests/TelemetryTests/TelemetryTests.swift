import Testing
import Wire

@testable import Interceptors
@testable import Telemetry

/// What is told of calls, and what is not.
struct TelemetryTests {
  private static func telemetry(
    _ change: (inout TelemetrySettings) -> Void = { _ in }
  ) throws -> Telemetry {
    var settings = try #require(
      TelemetryVariables.read([
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://c", "OTEL_EXPORTER_OTLP_PROTOCOL": "http/json",
      ]).settings)
    change(&settings)
    return Telemetry(settings, version: "1.2.3", instance: "i", transport: "stdio")
  }

  private static func call(
    _ method: Call.Method = .callTool, _ target: String = "search", traceparent: String? = nil
  ) -> Call {
    var params = JSONText(object: [
      ("name", JSONText(string: target)),
      ("arguments", JSONText(object: [("q", JSONText(string: "hunter2"))])),
    ])
    if let traceparent {
      params = params.setting(
        "_meta", to: JSONText(object: [("traceparent", JSONText(string: traceparent))]))
    }
    return Call(
      id: "run-1",
      caller: Caller(identity: "alice", session: "abc", clientName: "c", clientVersion: "1"),
      server: "git", method: method, target: target, params: params)
  }

  private static func carry(
    _ telemetry: Telemetry, _ call: Call,
    _ outcome: CallOutcome = .succeeded(CallResult(.emptyObject)),
    _ steps: [(String, CallTrail.Leg, CallTrail.Effect)] = [
      ("rules", .out, .passed), ("secrets", .out, .passed), ("guard", .out, .passed),
      ("server", .server, .passed),
    ]
  ) -> Call {
    let traced = telemetry.tracing(call)
    var trail = CallTrail()
    for (stage, leg, effect) in steps { trail.passed(stage, leg, effect) }
    trail.rule = "tools"
    telemetry.ended(traced, trail, outcome)
    return traced
  }

  private static func spans(_ request: ExportRequest?) throws -> [JSONText] {
    let body = try JSONText(validating: try #require(request).body)
    return body["resourceSpans"]?.elements.first?["scopeSpans"]?.elements.first?["spans"]?.elements
      ?? []
  }

  private static func attributes(_ of: JSONText) -> [String: String] {
    Dictionary(
      uniqueKeysWithValues: (of["attributes"]?.elements ?? []).map {
        ($0["key"]?.string ?? "", $0["value"]?["stringValue"]?.string ?? "")
      })
  }

  @Test func aCallIsASpanUnderItsClientsWithTheRequestAndTheHooksBelow() throws {
    let telemetry = try Self.telemetry()
    let traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    let call = Self.carry(telemetry, Self.call(traceparent: traceparent))
    let trace = try #require(call.trace)
    #expect(trace.forServer.traceparent.hasPrefix("00-4bf92f3577b34da6a3ce929d0e0e4736-"))
    let spans = try Self.spans(telemetry.takeSpans())
    #expect(
      spans.map { $0["name"]?.string } == ["tools/call search", "hook guard", "tools/call search"])
    #expect(spans.map { $0["kind"]?.int } == [2, 1, 3])
    #expect(
      Set(spans.map { $0["traceId"]?.string }) == ["4bf92f3577b34da6a3ce929d0e0e4736"])
    #expect(spans[0]["parentSpanId"]?.string == "00f067aa0ba902b7")
    #expect(spans[1]["parentSpanId"] == spans[0]["spanId"])
    #expect(spans[2]["parentSpanId"] == spans[0]["spanId"])
    let told = trace.forServer.traceparent.split(separator: "-")[2]
    #expect(spans[2]["spanId"]?.string == String(told))
    #expect(spans.allSatisfy { $0["status"] == nil })
    #expect(
      Self.attributes(spans[0]) == [
        "mcp.method.name": "tools/call", "gen_ai.tool.name": "search",
        "gen_ai.operation.name": "execute_tool", "mcp_gateway.server": "git",
        "network.transport": "pipe", "mcp.session.id": "abc", "mcp_gateway.call.id": "run-1",
        "mcp_gateway.decision": "allowed", "mcp_gateway.rule": "tools",
      ])
  }

  private static let refusal = Refusal(.secretFound, message: "hunter2")
  static let endings: [(CallOutcome, CallTrail.Effect, error: String, ofServer: String?)] = [
    (.toolFailed(CallResult(.emptyObject)), .passed, "tool_error", "tool_error"),
    (.refused(refusal), .passed, "secret_found", nil),
    (.failed(Fault(.timeout, from: .server, "hunter2")), .failed, "timeout", "timeout"),
    (.serverError(RPCError(code: -32_000, message: "hunter2")), .failed, "-32000", "-32000"),
    (.serverError(RPCError(code: 4_711, message: "hunter2")), .failed, "_OTHER", "_OTHER"),
  ]

  @Test(arguments: endings.indices)
  func aCallThatDidNotSucceedSaysHow(index: Int) throws {
    let row = Self.endings[index]
    let telemetry = try Self.telemetry()
    _ = Self.carry(telemetry, Self.call(), row.0, [("server", .server, row.1)])
    let spans = try Self.spans(telemetry.takeSpans())
    #expect(Self.attributes(spans[0])["error.type"] == row.error)
    #expect(spans[0]["status"]?["code"]?.int == 2)
    #expect(Self.attributes(spans[1])["error.type"] == row.ofServer)
    #expect((spans[1]["status"] != nil) == (row.ofServer != nil))
  }

  /// Neither arguments nor results, words of errors, identities or URIs leave by this way.
  @Test func noValueIsTold() throws {
    let telemetry = try Self.telemetry()
    for row in Self.endings {
      _ = Self.carry(telemetry, Self.call(), row.0)
      _ = Self.carry(telemetry, Self.call(.readResource, "file:///home/hunter2"), row.0)
      _ = Self.carry(telemetry, Self.call(.complete, "hunter2"), row.0)
    }
    for request in [telemetry.takeSpans(), telemetry.takeMetrics()] {
      let text = String(decoding: try #require(request).body, as: UTF8.self)
      #expect(!text.contains("hunter2"))
      #expect(!text.contains("alice"))
    }
  }

  @Test func whatIsNotSampledIsCountedAndNotTraced() throws {
    let telemetry = try Self.telemetry { $0.sampler = Sampler(root: .never, followsParent: false) }
    let call = Self.carry(telemetry, Self.call())
    #expect(call.trace?.forServer.traceparent.hasSuffix("-00") == true)
    #expect(telemetry.takeSpans() == nil)
    #expect(telemetry.takeMetrics() != nil)
  }

  @Test func whereNobodyPropagatesTheClientsTraceIsNotBelieved() throws {
    let telemetry = try Self.telemetry { $0.propagates = false }
    let call = telemetry.tracing(
      Self.call(traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"))
    #expect(call.trace?.parent == nil)
    #expect(call.trace?.isPropagated == false)
  }

  @Test func theQueueIsBoundedAndWhatIsDroppedIsCounted() throws {
    let telemetry = try Self.telemetry { $0.batch = .init(delay: .seconds(1), queue: 3, size: 2) }
    for _ in 0..<5 { _ = Self.carry(telemetry, Self.call()) }
    #expect(telemetry.droppedSpans == 2)
    let first = try #require(telemetry.takeSpans())
    #expect(first.calls == 2)
    #expect(telemetry.takeSpans()?.calls == 1)
    #expect(telemetry.takeSpans() == nil)
    telemetry.lose(first)
    #expect(telemetry.droppedSpans == 4)
  }

  @Test func seriesAreBounded() {
    var table = DurationTable()
    for number in 0..<5_000 {
      table.add(.seconds(1), CallSubject(method: "m", server: "s", tool: "t\(number)"), error: nil)
    }
    #expect(table.series.count == 2_001)
    #expect(table.series.values.map(\.count).reduce(0, +) == 5_000)
  }

  @Test func durationsFallIntoTheirBuckets() throws {
    var table = DurationTable()
    let subject = CallSubject(method: "m", server: "s")
    for duration in [Duration.milliseconds(10), .milliseconds(11), .seconds(1_000)] {
      table.add(duration, subject, error: nil)
    }
    let series = try #require(table.series.values.first)
    #expect(series.buckets == [1, 1] + [UInt64](repeating: 0, count: 12) + [1])
    #expect(series.sum == 1_000.021)
  }
}
