import Wire

/// `gateway run`: reads the plan, serves clients, ends cleanly.
public enum GatewayRun {
  /// Runs until the client, a signal or the parent ends it; the exit code of the process.
  public static func run(_ settings: Settings, environment: RunEnvironment) async -> Int32 {
    let console = Console()
    do throws(Failure) {
      let assembly = try Failure.configuration.of { () throws(Problem) in
        try Assembly(settings, environment, console)
      }
      let credentials = try await credentials(assembly)
      if settings.dryRun {
        let plan = try await plan(assembly)
        return await DryRun(assembly: assembly, plan: plan).run().rawValue
      }
      // A busy port fails before anything is read or started.
      let front = try await open(settings, credentials, assembly.executor)
      let watched = try await openMetrics(settings)
      let plan = try await plan(assembly)
      let generation = try Failure.configuration.of { () throws(Problem) in
        try assembly.generation(for: plan)
      }
      let instance = String(RandomID.make().prefix(8))
      let recording = try Failure.configuration.of { () throws(Problem) in
        try CallRecording.open(
          settings, transport: settings.transport.rawValue, instance: instance, console)
      }
      let telemetry = TelemetryExporter.start(
        environment.variables, instance: instance, transport: settings.transport.rawValue,
        log: console.line)
      return await RunningGateway(
        assembly, plan, generation, instance, recording, watched, telemetry
      ).serve(front).rawValue
    } catch {
      for problem in error.problems { console.line(problem.description) }
      return error.code.rawValue
    }
  }

  /// What the files say to run; all that is wrong is told at once.
  private static func plan(_ assembly: Assembly) async throws(Failure) -> Plan {
    assembly.console.line("- Reading configuration...")
    let plan = await assembly.plan()
    guard !plan.problems.hasErrors else {
      throw Failure(problems: plan.problems, code: .usageOrConfiguration)
    }
    for problem in plan.problems { assembly.console.line(problem.description) }
    return plan
  }

  private static func credentials(
    _ assembly: Assembly
  ) async throws(Failure) -> ClientCredentials {
    let (credentials, problems) = await ClientCredentials.read(
      assembly.settings, assembly.connector, assembly.console)
    guard let credentials else {
      throw Failure(problems: problems, code: .usageOrConfiguration)
    }
    for problem in problems { assembly.console.line(problem.description) }
    return credentials
  }

  private static func open(
    _ settings: Settings, _ credentials: ClientCredentials, _ executor: LoopExecutor?
  ) async throws(Failure) -> Front {
    do { return try await Front.open(settings, credentials, executor: executor) } catch {
      throw Failure(problems: [error], code: .runtimeFailure)
    }
  }

  /// Nil if nobody asked for it.
  private static func openMetrics(
    _ settings: Settings
  ) async throws(Failure) -> MetricsListener? {
    guard let port = settings.metricsPort else { return nil }
    do { return try await MetricsListener.bind(port: port, CallMetrics()) } catch {
      throw Failure(problems: [error], code: .runtimeFailure)
    }
  }

  /// Why nothing was started, and what the process says of it to its parent.
  private struct Failure: Error {
    let problems: [Problem]
    let code: ExitCode

    static let configuration = Blame(code: .usageOrConfiguration)

    struct Blame {
      let code: ExitCode

      func of<Value>(_ work: () throws(Problem) -> Value) throws(Failure) -> Value {
        do { return try work() } catch { throw Failure(problems: [error], code: code) }
      }
    }
  }

  /// A catalog from the network, for `catalog import`. The same limits hold as for `--catalog URL`.
  public static func fetchCatalog(url: String, allowInsecure: Bool) async throws(Problem)
    -> [UInt8]
  {
    try await CatalogFetcher(RemoteConnector(allowInsecure: allowInsecure)).fetch(url)
  }
}
