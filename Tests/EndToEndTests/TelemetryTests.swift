import Foundation
import Testing

/// The standard variables are enough to have calls traced.
@Suite struct TelemetryTests {
  /// Prints each body that it is sent on a line.
  private static let collector = """
    import http.server
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            print(self.path, body.decode(), flush=True)
            self.send_response(200)
            self.end_headers()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_port, flush=True)
    server.serve_forever()
    """

  @Test func aCallReachesTheCollector() async throws {
    try await withSandbox { sandbox in
      let server = sandbox.name("plain")
      try sandbox.serve(.plain(server, tools: 1))
      let collector = try sandbox.start(["python3", "-c", Self.collector])
      let port = try await eventually("the collector") {
        collector.output.split(separator: "\n").first.map(String.init)
      }
      let session = try await sandbox.session(
        environment: [
          "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:\(port)",
          "OTEL_EXPORTER_OTLP_PROTOCOL": "http/json", "OTEL_SERVICE_NAME": "end-to-end",
        ])
      _ = try await session.waitForTools("tool1") { $0 == ["tool1"] }
      _ = try await session.call("tool1")
      // What is left is sent at the end.
      #expect(try await session.end() == .status(0))
      let lines = collector.output.split(separator: "\n")
      let traces = try #require(lines.first { $0.hasPrefix("/v1/traces ") })
      let body = try JSON.parse(String(traces.dropFirst("/v1/traces ".count)))
      let spans = body["resourceSpans"][0]["scopeSpans"][0]["spans"]
      #expect(spans.array.map { $0["name"].string } == ["tools/call tool1", "tools/call tool1"])
      #expect(traces.contains("end-to-end"))
      #expect(lines.contains { $0.hasPrefix("/v1/metrics ") })
    }
  }
}
