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
    do {
      let assembly = try Assembly(settings, environment, console)
      // A busy port fails before anything is read or started.
      let front = try await Front.open(settings, console)
      console.line("- Reading configuration...")
      let plan = await assembly.plan()
      for problem in plan.problems { console.line(problem.description) }
      guard !plan.problems.hasErrors else { return ExitCode.configuration }
      if settings.dryRun {
        return await DryRun(assembly: assembly, plan: plan).run()
      }
      return await RunningGateway(assembly, plan, try assembly.generation(for: plan)).serve(front)
    } catch let problem as Problem {
      console.line(problem.description)
      return problem.source.hasPrefix("--") ? ExitCode.configuration : ExitCode.failure
    } catch {
      console.line("! The gateway cannot start: \(error)")
      return ExitCode.failure
    }
  }

  /// A catalog from the network, for `catalog import`. The same limits hold as for `--catalog URL`.
  public static func fetchCatalog(url: String, allowInsecure: Bool) async throws(Problem)
    -> [UInt8]
  {
    try await CatalogFetcher(RemoteConnector(allowInsecure: allowInsecure)).fetch(url)
  }
}
