import Wire

/// Reads the variables. What is wrong makes a warning and never keeps the gateway from serving: the
/// specification wants it so, and the docker CLI sets such variables for its plugins.
public struct TelemetryVariables {
  private static let standardEndpoint = "http://localhost:4318"

  private let variables: [String: String]
  public private(set) var problems: [Problem] = []

  private init(_ variables: [String: String]) { self.variables = variables }

  /// Nil where nothing is to be exported: nobody named an endpoint or asked for the exporter.
  public static func read(
    _ variables: [String: String]
  ) -> (settings: TelemetrySettings?, problems: [Problem]) {
    var reader = TelemetryVariables(variables)
    let settings = reader.settings()
    return (settings, reader.problems)
  }

  private mutating func settings() -> TelemetrySettings? {
    guard self["OTEL_SDK_DISABLED"]?.lowercased() != "true" else { return nil }
    let traces = destination("TRACES")
    let metrics = destination("METRICS")
    guard traces != nil || metrics != nil else { return nil }
    var settings = TelemetrySettings(resource: resource())
    settings.traces = traces
    settings.metrics = metrics
    settings.sampler = sampler()
    settings.propagates = propagates()
    settings.batch.delay = time("OTEL_BSP_SCHEDULE_DELAY") ?? settings.batch.delay
    settings.batch.queue =
      number("OTEL_BSP_MAX_QUEUE_SIZE", in: 1...100_000) ?? settings.batch.queue
    settings.batch.size = min(
      number("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", in: 1...10_000) ?? settings.batch.size,
      settings.batch.queue)
    settings.metricInterval = time("OTEL_METRIC_EXPORT_INTERVAL") ?? settings.metricInterval
    return settings
  }

  // MARK: Where to

  /// - Parameter signal: `TRACES` or `METRICS`, as in the names of variables.
  private mutating func destination(_ signal: String) -> TelemetrySettings.Destination? {
    let exporter = self["OTEL_\(signal)_EXPORTER"]
    guard let url = url(signal, isAskedFor: exporter == "otlp") else { return nil }
    if let exporter, exporter != "otlp" {
      if exporter != "none" {
        warn("OTEL_\(signal)_EXPORTER", "\(exporter) is not known; only otlp and none are")
      }
      return nil
    }
    guard let encoding = encoding(signal) else { return nil }
    if let compression = specific("COMPRESSION", signal), compression.value != "none" {
      warn(compression.name, "telemetry is sent uncompressed")
    }
    return TelemetrySettings.Destination(
      url: url, headers: headers(signal), encoding: encoding,
      timeout: timeout(signal), certificates: specific("CERTIFICATE", signal)?.value)
  }

  private mutating func url(_ signal: String, isAskedFor: Bool) -> String? {
    if let own = self["OTEL_EXPORTER_OTLP_\(signal)_ENDPOINT"] { return own }
    guard
      var base = self["OTEL_EXPORTER_OTLP_ENDPOINT"] ?? (isAskedFor ? Self.standardEndpoint : nil)
    else { return nil }
    if !base.hasSuffix("/") { base += "/" }
    return base + "v1/" + signal.lowercased()
  }

  private mutating func encoding(_ signal: String) -> TelemetrySettings.Encoding? {
    guard let written = specific("PROTOCOL", signal) else { return .protobuf }
    if let encoding = TelemetrySettings.Encoding(rawValue: written.value) { return encoding }
    warn(
      written.name, "\(written.value) is not spoken, so \(signal.lowercased()) are not exported",
      hint: "use http/protobuf or http/json")
    return nil
  }

  private mutating func timeout(_ signal: String) -> Duration {
    guard let written = specific("TIMEOUT", signal) else { return .seconds(10) }
    return time(written.name) ?? .seconds(10)
  }

  private mutating func headers(_ signal: String) -> [TelemetrySettings.Header] {
    guard let written = specific("HEADERS", signal) else { return [] }
    return pairs(written.name, written.value).map {
      TelemetrySettings.Header(name: $0.name, value: Secret($0.value))
    }
  }

  /// The variable of one signal, or else that of all.
  private func specific(_ suffix: String, _ signal: String) -> (name: String, value: String)? {
    for name in ["OTEL_EXPORTER_OTLP_\(signal)_\(suffix)", "OTEL_EXPORTER_OTLP_\(suffix)"] {
      if let value = self[name] { return (name, value) }
    }
    return nil
  }

  // MARK: What

  private mutating func resource() -> [TelemetrySettings.Attribute] {
    var attributes =
      self["OTEL_RESOURCE_ATTRIBUTES"]
      .map { pairs("OTEL_RESOURCE_ATTRIBUTES", $0) } ?? []
    let name = self["OTEL_SERVICE_NAME"]
    if name != nil || !attributes.contains(where: { $0.name == "service.name" }) {
      attributes.removeAll { $0.name == "service.name" }
      attributes.insert((name: "service.name", value: name ?? "mcp-gateway"), at: 0)
    }
    return attributes.map { TelemetrySettings.Attribute(name: $0.name, value: $0.value) }
  }

  private mutating func sampler() -> Sampler {
    guard let name = self["OTEL_TRACES_SAMPLER"] else { return .standard }
    if let sampler = Sampler(name: name, argument: self["OTEL_TRACES_SAMPLER_ARG"]) {
      return sampler
    }
    warn("OTEL_TRACES_SAMPLER", "the sampler or its argument is not known; every call is traced")
    return .standard
  }

  private func propagates() -> Bool {
    guard let names = self["OTEL_PROPAGATORS"] else { return true }
    return names.split(separator: ",").contains { $0.filter { $0 != " " } == "tracecontext" }
  }

  // MARK: Forms

  /// A variable that is set and not empty: the specification takes empty for unset.
  private subscript(_ name: String) -> String? {
    variables[name].flatMap { $0.isEmpty ? nil : $0 }
  }

  private mutating func warn(_ name: String, _ message: String, hint: String? = nil) {
    problems.append(Problem(.warning, source: name, message, hint: hint))
  }

  private mutating func number(_ name: String, in range: ClosedRange<Int>) -> Int? {
    guard let text = self[name] else { return nil }
    if let number = Quantity.integer(text), range.contains(number) { return number }
    warn(name, "is no number from \(range.lowerBound) to \(range.upperBound), and does not count")
    return nil
  }

  /// Milliseconds.
  private mutating func time(_ name: String) -> Duration? {
    number(name, in: 10...86_400_000).map { .milliseconds($0) }
  }

  /// `name=value,name=value`, values percent-encoded (W3C Baggage). Values are not repeated in
  /// warnings: they may be credentials.
  private mutating func pairs(_ variable: String, _ text: String) -> [(name: String, value: String)]
  {
    var pairs: [(name: String, value: String)] = []
    for entry in text.split(separator: ",") {
      let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(parts[0]).trimmingSpaces
      guard parts.count == 2, !name.isEmpty,
        let value = String(parts[1]).trimmingSpaces.percentDecoded
      else {
        warn(variable, "an entry is not of the form name=value, and does not count")
        continue
      }
      pairs.append((name, value))
    }
    return pairs
  }
}

extension String {
  fileprivate var trimmingSpaces: String {
    let front = drop { $0 == " " || $0 == "\t" }
    return String(front.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
  }
}
