import AsyncHTTPClient
import Catalog
import NIOCore
import NIOHTTP1
import NIOSSL
import Synchronization
import Telemetry
import Wire

/// Sends what ``Telemetry`` collects to a collector (OTLP over HTTP), beside the calls and never in
/// their way. A collector that is slow or gone costs spans, which are counted, and nothing else.
final class TelemetryExporter: Sendable {
  private static let mostAttempts = 3
  private static let firstPause = Duration.seconds(1)
  /// What is collected last is delivered within this time, or not at all.
  private static let farewell = Duration.seconds(3)

  let telemetry: Telemetry
  private let client: HTTPClient
  private let log: @Sendable (String) -> Void
  private let tasks = Mutex<[Task<Void, Never>]>([])
  /// Whether the last export failed: a state is told once and not each time.
  private let isFailing = Mutex(false)

  private init(
    _ telemetry: Telemetry, _ client: HTTPClient, log: @escaping @Sendable (String) -> Void
  ) {
    self.telemetry = telemetry
    self.client = client
    self.log = log
  }

  /// Nil where the environment asks for none. What is wrong with it is told, and telemetry left out:
  /// calls are worth more.
  static func start(
    _ variables: [String: String], instance: String, transport: String,
    log: @escaping @Sendable (String) -> Void
  ) -> TelemetryExporter? {
    let (read, problems) = TelemetryVariables.read(variables)
    for problem in problems { log(problem.description) }
    guard let settings = read else { return nil }
    do throws(Problem) {
      for destination in [settings.traces, settings.metrics].compactMap(\.self) {
        do { _ = try RemoteURL(destination.url) } catch {
          throw Problem(.warning, source: "OTEL_EXPORTER_OTLP_ENDPOINT", "\(error)")
        }
      }
      let client = HTTPClient(
        eventLoopGroupProvider: .singleton, configuration: try configuration(settings))
      let exporter = TelemetryExporter(
        Telemetry(settings, version: Version.current, instance: instance, transport: transport),
        client, log: log)
      exporter.begin()
      return exporter
    } catch {
      log("\(error.description); telemetry is not exported")
      return nil
    }
  }

  private static func configuration(
    _ settings: TelemetrySettings
  ) throws(Problem) -> HTTPClient.Configuration {
    var tls = TLSConfiguration.makeClientConfiguration()
    if let traces = settings.traces, let metrics = settings.metrics,
      traces.certificates != metrics.certificates
    {
      throw Problem(
        .warning, source: "OTEL_EXPORTER_OTLP_CERTIFICATE",
        "traces and metrics have different certificates, and one connection carries both")
    }
    if let path = settings.traces?.certificates ?? settings.metrics?.certificates {
      guard let bytes = try OwnFile.readPublic(path, maximumBytes: 1 << 20),
        let certificates = try? NIOSSLCertificate.fromPEMBytes(bytes), !certificates.isEmpty
      else {
        throw Problem(
          .warning, source: "OTEL_EXPORTER_OTLP_CERTIFICATE", "\(path) holds no certificates")
      }
      tls.trustRoots = .certificates(certificates)
    }
    var configuration = HTTPClient.Configuration(
      tlsConfiguration: tls, redirectConfiguration: .disallow)
    configuration.httpVersion = .http1Only
    configuration.connectionPool.retryConnectionEstablishment = false
    return configuration
  }

  // MARK: Work

  private func begin() {
    let settings = telemetry.settings
    tasks.withLock { tasks in
      if settings.traces != nil {
        tasks.append(
          Task { [weak self] in await Self.every(settings.batch.delay) { await self?.sendSpans() } }
        )
        tasks.append(
          Task { [weak self, telemetry] in
            for await _ in telemetry.fullBatches { await self?.sendSpans() }
          })
      }
      if settings.metrics != nil {
        tasks.append(
          Task { [weak self] in
            await Self.every(settings.metricInterval) { await self?.sendMetrics() }
          })
      }
    }
  }

  private static func every(_ interval: Duration, _ work: () async -> Void) async {
    while true {
      do { try await Task.sleep(for: interval) } catch { return }
      await work()
    }
  }

  /// Ends with a last export of what there is.
  func close() async {
    for task in tasks.withLock({ $0 }) { task.cancel() }
    await waiting(atMost: Self.farewell) { [self] in
      await sendSpans()
      await sendMetrics()
    }
    // The only error is "already shut down".
    try? await client.shutdown()
  }

  private func sendSpans() async {
    guard let destination = telemetry.settings.traces else { return }
    while let request = telemetry.takeSpans() {
      if await !deliver(request, to: destination) { telemetry.lose(request) }
    }
  }

  private func sendMetrics() async {
    guard let destination = telemetry.settings.metrics, let request = telemetry.takeMetrics() else {
      return
    }
    _ = await deliver(request, to: destination)
  }

  /// Tries a few times, as the protocol asks where it makes sense (OTLP/HTTP, Failures).
  private func deliver(
    _ request: ExportRequest, to destination: TelemetrySettings.Destination
  ) async -> Bool {
    var pause = Self.firstPause
    for attempt in 1...Self.mostAttempts {
      let failure = await post(request, to: destination)
      guard let failure else {
        tell(nil)
        return true
      }
      guard failure.isRetryable, attempt < Self.mostAttempts else {
        tell(failure.text)
        return false
      }
      do { try await Task.sleep(for: pause) } catch { return false }
      pause *= 2
    }
    return false
  }

  private func post(
    _ export: ExportRequest, to destination: TelemetrySettings.Destination
  ) async -> (text: String, isRetryable: Bool)? {
    var request = HTTPClientRequest(url: destination.url)
    request.method = .POST
    request.headers.add(name: "Content-Type", value: export.contentType)
    request.headers.add(name: "User-Agent", value: "mcp-gateway/\(Version.current)")
    for header in destination.headers {
      request.headers.replaceOrAdd(name: header.name, value: header.value.exposed)
    }
    request.body = .bytes(export.body)
    do {
      let response = try await client.execute(
        request, timeout: TimeAmount(destination.timeout))
      // The answer says nothing that we need, but leaves the connection usable when it is read.
      _ = try? await response.body.collect(upTo: 64 << 10)
      if (200..<300).contains(response.status.code) { return nil }
      let isRetryable = [429, 502, 503, 504].contains(response.status.code)
      return ("it answered HTTP \(response.status.code)", isRetryable)
    } catch {
      return RemoteReason.of(error)
    }
  }

  private func tell(_ failure: String?) {
    let isNew = isFailing.withLock { isFailing in
      defer { isFailing = failure != nil }
      return isFailing != (failure != nil)
    }
    guard isNew else { return }
    if let failure {
      log("! Telemetry cannot be exported: \(failure); calls go on, and what is lost is counted")
    } else {
      log("> Telemetry is exported again")
    }
  }
}
