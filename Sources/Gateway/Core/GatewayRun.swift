import Wire

/// `gateway run`: reads the plan, serves clients, ends cleanly.
public enum GatewayRun {
  /// Exit codes, as documented in docs/errors.md.
  enum ExitCode {
    static let fine: Int32 = 0
    static let failure: Int32 = 1
    static let configuration: Int32 = 2
  }

  /// Runs until the client, a signal or the parent ends it; the exit code of the process.
  public static func run(_ settings: Settings, environment: RunEnvironment) async -> Int32 {
    let console = Console()
    do throws(Failure) {
      let assembly = try Failure.configuration.of { () throws(Problem) in
        try Assembly(settings, environment, console)
      }
      // A busy port fails before anything is read or started.
      let front = try await open(settings, console, assembly.executor)
      console.line("- Reading configuration...")
      let plan = await assembly.plan()
      for problem in plan.problems { console.line(problem.description) }
      guard !plan.problems.hasErrors else { return ExitCode.configuration }
      if settings.dryRun { return await DryRun(assembly: assembly, plan: plan).run() }
      let generation = try Failure.configuration.of { () throws(Problem) in
        try assembly.generation(for: plan)
      }
      return await RunningGateway(assembly, plan, generation).serve(front)
    } catch {
      console.line(error.problem.description)
      return error.code
    }
  }

  private static func open(
    _ settings: Settings, _ console: Console, _ executor: (any TaskExecutor)?
  ) async throws(Failure) -> Front {
    let authenticator = try Failure.configuration.of { () throws(Problem) in
      try Front.authenticator(settings, console)
    }
    do { return try await Front.open(settings, authenticator, executor: executor) } catch {
      throw Failure(problem: error, code: ExitCode.failure)
    }
  }

  /// Why nothing was started, and what the process says of it to its parent.
  private struct Failure: Error {
    let problem: Problem
    let code: Int32

    static let configuration = Blame(code: ExitCode.configuration)

    struct Blame {
      let code: Int32

      func of<Value>(_ work: () throws(Problem) -> Value) throws(Failure) -> Value {
        do { return try work() } catch { throw Failure(problem: error, code: code) }
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
