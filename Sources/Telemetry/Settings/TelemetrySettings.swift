import Wire

/// What the standard variables of OpenTelemetry ask for (Environment Variable Specification, OTLP
/// Exporter Configuration).
public struct TelemetrySettings: Sendable, Hashable {
  public enum Encoding: String, Sendable, Hashable, CaseIterable {
    case protobuf = "http/protobuf"
    case json = "http/json"
  }

  /// Where one kind of telemetry goes.
  public struct Destination: Sendable, Hashable {
    public var url: String
    /// Values may be credentials.
    public var headers: [Header]
    public var encoding: Encoding
    public var timeout: Duration
    /// Certificates to trust instead of the system's; a path.
    public var certificates: String?
  }

  public struct Header: Sendable, Hashable {
    public var name: String
    public var value: Secret
  }

  /// Nil: no traces.
  public var traces: Destination?
  /// Nil: no metrics.
  public var metrics: Destination?
  /// Attributes of the gateway itself, in order; `service.name` among them.
  public var resource: [Attribute]
  public var sampler = Sampler.standard
  /// Whether `traceparent` is taken from clients and told to servers.
  public var propagates = true
  public var batch = Batch()
  public var metricInterval = Duration.seconds(60)

  public struct Attribute: Sendable, Hashable {
    public var name: String
    public var value: String
  }

  /// How spans are collected.
  public struct Batch: Sendable, Hashable {
    public var delay = Duration.seconds(5)
    public var queue = 2_048
    public var size = 512
  }

  init(resource: [Attribute]) { self.resource = resource }
}
