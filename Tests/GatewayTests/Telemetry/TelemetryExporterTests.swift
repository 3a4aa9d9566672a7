import Foundation
import Synchronization
import Telemetry
import Testing
import Wire

@testable import Gateway

/// Collectors that work, and those that do not: calls never notice.
@Suite(.timeLimit(.minutes(2))) struct TelemetryExporterTests {
  private static let traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

  private static func exporter(
    _ port: Int, _ more: [String: String] = [:], _ lines: FakeGateway.Lines
  ) throws -> TelemetryExporter {
    let variables = [
      "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:\(port)/",
      "OTEL_EXPORTER_OTLP_PROTOCOL": "http/json",
      "OTEL_EXPORTER_OTLP_HEADERS": "api-key=s3cr3t",
    ]
    return try #require(
      TelemetryExporter.start(
        variables.merging(more) { $1 }, instance: "i", transport: "stdio", log: lines.add))
  }

  /// A client that makes some calls, and what the server was told of their traces.
  private static func call(
    _ times: Int, through exporter: TelemetryExporter, meta: String = "{}"
  ) async throws -> [String?] {
    let told = Mutex<[String?]>([])
    let gateway = try FakeGateway(
      journals: [exporter.telemetry], telemetry: exporter.telemetry)
    gateway.fleet.make { name, _ in
      let server = FakeServer(name)
      server.on("tools/call") { server, request in
        told.withLock { $0.append(request.params["_meta"]?["traceparent"]?.string) }
        server.answer(request, #"{"content":[]}"#)
      }
      return server
    }
    await gateway.list()
    try await gateway.initialize()
    for number in 1...times {
      let answer = try await gateway.request(
        "tools/call", #"{"name":"echo","_meta":\#(meta)}"#, id: "\(number)"
      ).last
      #expect(answer?.result != nil)
    }
    await gateway.end()
    return told.withLock { $0 }
  }

  private static func spans(_ request: ScriptedServer.Request) throws -> [JSONText] {
    let body = try JSONText(validating: request.body)
    return body["resourceSpans"]?.elements.first?["scopeSpans"]?.elements.first?["spans"]?.elements
      ?? []
  }

  @Test func spansAndMetricsArriveAndServersAreToldTheirTrace() async throws {
    let server = try await ScriptedServer { _, peer in try await peer.answer() }
    defer { server.stop() }
    let exporter = try Self.exporter(server.port, [:], FakeGateway.Lines())
    let told = try await Self.call(
      2, through: exporter, meta: #"{"traceparent":"\#(Self.traceparent)"}"#)
    await exporter.close()
    let requests = server.requests
    #expect(Set(requests.map(\.target)) == ["/v1/traces", "/v1/metrics"])
    #expect(requests.allSatisfy { $0.headers["api-key"] == "s3cr3t" })
    #expect(requests.allSatisfy { $0.headers["content-type"] == "application/json" })
    let traces = try #require(requests.first { $0.target == "/v1/traces" })
    let spans = try Self.spans(traces)
    #expect(spans.count == 4)
    #expect(spans[0]["parentSpanId"]?.string == "00f067aa0ba902b7")
    let expected = try spans.filter { $0["kind"]?.int == 3 }.map { span in
      "00-4bf92f3577b34da6a3ce929d0e0e4736-\(try #require(span["spanId"]?.string))-01"
    }
    #expect(told == expected)
  }

  @Test func withoutPropagationServersAreToldNothing() async throws {
    let server = try await ScriptedServer { _, peer in try await peer.answer() }
    defer { server.stop() }
    let exporter = try Self.exporter(
      server.port, ["OTEL_PROPAGATORS": "none"], FakeGateway.Lines())
    #expect(try await Self.call(1, through: exporter) == [nil])
    await exporter.close()
  }

  @Test func aBusyCollectorIsAskedAgain() async throws {
    let answers = Mutex(0)
    let server = try await ScriptedServer { request, peer in
      let number = answers.withLock { answers in
        if request.target == "/v1/traces" { answers += 1 }
        return answers
      }
      let isBusy = request.target == "/v1/traces" && number == 1
      try await peer.answer(isBusy ? "503 Busy" : "200 OK")
    }
    defer { server.stop() }
    let lines = FakeGateway.Lines()
    let exporter = try Self.exporter(
      server.port, ["OTEL_BSP_SCHEDULE_DELAY": "100"], lines)
    _ = try await Self.call(1, through: exporter)
    while answers.withLock({ $0 }) < 2 { try await Task.sleep(for: .milliseconds(20)) }
    await exporter.close()
    #expect(exporter.telemetry.droppedSpans == 0)
    #expect(lines.all == [])
  }

  @Test func aCollectorThatIsGoneCostsSpansAndNothingElse() async throws {
    let server = try await ScriptedServer { _, _ in }
    let port = server.port
    server.stop()
    let lines = FakeGateway.Lines()
    let exporter = try Self.exporter(
      port, ["OTEL_METRICS_EXPORTER": "none", "OTEL_BSP_SCHEDULE_DELAY": "10"], lines)
    _ = try await Self.call(3, through: exporter)
    while exporter.telemetry.droppedSpans < 3 { try await Task.sleep(for: .milliseconds(50)) }
    await exporter.close()
    #expect(lines.all.count == 1)
    #expect(lines.all.first?.hasPrefix("! Telemetry cannot be exported") == true)
  }

  @Test func aCollectorThatHangsDoesNotHoldUpTheEnd() async throws {
    let server = try await ScriptedServer { _, _ in try await Task.sleep(for: .seconds(600)) }
    defer { server.stop() }
    let exporter = try Self.exporter(server.port, [:], FakeGateway.Lines())
    _ = try await Self.call(1, through: exporter)
    let start = ContinuousClock.now
    await exporter.close()
    #expect(ContinuousClock.now - start < .seconds(20))
  }

  @Test(arguments: [
    ["OTEL_EXPORTER_OTLP_ENDPOINT": "ftp://c"],
    ["OTEL_EXPORTER_OTLP_CERTIFICATE": "/no/such/file"],
    ["OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"],
  ])
  func whatCannotWorkIsToldAndLeftOut(variables: [String: String]) {
    let lines = FakeGateway.Lines()
    let all = ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"].merging(variables) { $1 }
    #expect(
      TelemetryExporter.start(all, instance: "i", transport: "stdio", log: lines.add) == nil)
    #expect(!lines.all.isEmpty)
  }
}
