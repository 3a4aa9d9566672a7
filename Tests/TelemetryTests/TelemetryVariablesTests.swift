import Testing
import Wire

@testable import Telemetry

/// What the standard variables mean.
struct TelemetryVariablesTests {
  private static let endpoint = ["OTEL_EXPORTER_OTLP_ENDPOINT": "https://c.example:4318/base"]

  @Test(arguments: [
    [:], ["OTEL_SERVICE_NAME": "x"], ["OTEL_RESOURCE_ATTRIBUTES": "docker.cli.x=1"],
    ["OTEL_EXPORTER_OTLP_ENDPOINT": ""],
    ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://c", "OTEL_SDK_DISABLED": "TRUE"],
    [
      "OTEL_EXPORTER_OTLP_ENDPOINT": "http://c", "OTEL_TRACES_EXPORTER": "none",
      "OTEL_METRICS_EXPORTER": "none",
    ],
  ])
  func nobodyAskedForIt(variables: [String: String]) {
    let (settings, problems) = TelemetryVariables.read(variables)
    #expect(settings == nil)
    #expect(problems == [])
  }

  @Test func anEndpointIsEnough() throws {
    let (read, problems) = TelemetryVariables.read(Self.endpoint)
    let settings = try #require(read)
    #expect(problems == [])
    #expect(settings.traces?.url == "https://c.example:4318/base/v1/traces")
    #expect(settings.metrics?.url == "https://c.example:4318/base/v1/metrics")
    #expect(settings.traces?.encoding == .protobuf)
    #expect(settings.traces?.timeout == .seconds(10))
    #expect(settings.resource == [.init(name: "service.name", value: "mcp-gateway")])
    #expect(settings.sampler == .standard)
    #expect(settings.propagates)
  }

  @Test func whatIsSaidOfOneSignalComesFirst() throws {
    let settings = try #require(
      TelemetryVariables.read(
        Self.endpoint.merging([
          "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://t:1/as/is",
          "OTEL_EXPORTER_OTLP_PROTOCOL": "http/json",
          "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL": "http/protobuf",
          "OTEL_EXPORTER_OTLP_HEADERS": "api-key=a%20b, x=1=2",
          "OTEL_EXPORTER_OTLP_METRICS_HEADERS": "y=z", "OTEL_EXPORTER_OTLP_TIMEOUT": "1500",
          "OTEL_EXPORTER_OTLP_CERTIFICATE": "/ca.pem",
        ]) { $1 }
      ).settings)
    #expect(settings.traces?.url == "http://t:1/as/is")
    #expect(settings.traces?.encoding == .json)
    #expect(settings.metrics?.encoding == .protobuf)
    #expect(
      settings.traces?.headers == [
        .init(name: "api-key", value: Secret("a b")), .init(name: "x", value: Secret("1=2")),
      ])
    #expect(settings.metrics?.headers.map(\.name) == ["y"])
    #expect(settings.traces?.timeout == .milliseconds(1_500))
    #expect(settings.metrics?.certificates == "/ca.pem")
  }

  @Test func theRestIsRead() throws {
    let settings = try #require(
      TelemetryVariables.read([
        "OTEL_TRACES_EXPORTER": "otlp", "OTEL_SERVICE_NAME": "own",
        "OTEL_RESOURCE_ATTRIBUTES": "service.name=other,a=b%2Cc", "OTEL_PROPAGATORS": "b3, baggage",
        "OTEL_TRACES_SAMPLER": "always_off", "OTEL_BSP_SCHEDULE_DELAY": "100",
        "OTEL_BSP_MAX_QUEUE_SIZE": "10", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "20",
        "OTEL_METRIC_EXPORT_INTERVAL": "1000",
      ]).settings)
    #expect(settings.traces?.url == "http://localhost:4318/v1/traces")
    #expect(settings.metrics == nil)
    #expect(
      settings.resource == [
        .init(name: "service.name", value: "own"), .init(name: "a", value: "b,c"),
      ])
    #expect(!settings.propagates)
    #expect(settings.sampler == Sampler(root: .never, followsParent: false))
    #expect(settings.batch == .init(delay: .milliseconds(100), queue: 10, size: 10))
    #expect(settings.metricInterval == .seconds(1))
  }

  @Test(arguments: [
    ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"), ("OTEL_TRACES_EXPORTER", "zipkin"),
    ("OTEL_TRACES_SAMPLER", "odd"), ("OTEL_BSP_SCHEDULE_DELAY", "soon"),
    ("OTEL_EXPORTER_OTLP_TIMEOUT", "-1"), ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"),
    ("OTEL_EXPORTER_OTLP_HEADERS", "hunter2"), ("OTEL_RESOURCE_ATTRIBUTES", "a=%zz"),
  ])
  func whatIsWrongIsToldAndStopsNothing(name: String, value: String) {
    let (_, problems) = TelemetryVariables.read(Self.endpoint.merging([name: value]) { $1 })
    #expect(!problems.isEmpty)
    #expect(problems.allSatisfy { $0.source == name && $0.severity == .warning })
    #expect(!problems.contains { $0.description.contains("hunter2") })
  }
}
