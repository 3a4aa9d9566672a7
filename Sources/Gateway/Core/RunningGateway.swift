import CMemory
import Catalog
import Glibc
import Interceptors
import Synchronization
import UnixSignals
import Wire

/// A gateway at work: serves clients while servers are listed, follows changes of its files, and
/// takes everything down at the end.
final class RunningGateway: Sendable {
  /// Time for sessions and containers to end; what is left after it, the next start removes.
  private static let longestShutdown = Duration.seconds(10)

  private static let laterSweeps: [Duration] = [.seconds(3), .seconds(10), .seconds(60)]

  private let assembly: Assembly
  private let core: GatewayCore
  private let plan: Mutex<Plan>
  private let console: Console
  private let recording: CallRecording?
  private let metrics: MetricsListener?
  private let telemetry: TelemetryExporter?

  init(
    _ assembly: Assembly, _ plan: Plan, _ generation: Generation, _ instance: String,
    _ recording: CallRecording?, _ metrics: MetricsListener?, _ telemetry: TelemetryExporter?
  ) {
    self.metrics = metrics
    self.telemetry = telemetry
    self.recording = recording
    recording?.follow(generation)
    self.assembly = assembly
    self.plan = Mutex(plan)
    let console = assembly.console
    self.console = console
    var journals: [any CallJournal] = []
    if let recording { journals.append(recording.journal) }
    if let metrics { journals.append(metrics.metrics) }
    if let telemetry { journals.append(telemetry.telemetry) }
    if assembly.settings.logCalls { journals.append(CallLog(write: console.line)) }
    core = GatewayCore(
      generation: generation, instance: instance, journals: journals,
      listTimeout: assembly.settings.startTimeout, mostSessions: assembly.settings.maxSessions,
      telemetry: telemetry?.telemetry, log: console.line)
  }

  private enum Ending: Sendable {
    case clientsDone(Problem?)
    case asked(String)
  }

  /// Serves until something ends it; the exit code.
  func serve(_ front: Front) async -> ExitCode {
    let background = Task { await work() }
    let ending = await withTaskGroup(of: Ending?.self) { group in
      let watching = assembly.settings.watch ? console : nil
      group.addTask { [core] in .clientsDone(await front.serve(core, watching: watching)) }
      group.addTask { await Self.signal() }
      group.addTask { [parentGone = assembly.environment.parentGone] in
        await Self.end(of: parentGone)
      }
      front.announce(console)
      if let metrics { console.line("- Metrics are at \(metrics.url)") }
      var ending = Ending.clientsDone(nil)
      for await first in group {
        guard let first else { continue }
        ending = first
        break
      }
      group.cancelAll()
      return ending
    }
    background.cancel()
    await waiting(atMost: Self.longestShutdown) { [core] in await core.close() }
    await metrics?.close()
    await telemetry?.close()
    await recording?.close()
    switch ending {
    case .clientsDone(let problem?):
      console.line(problem.description)
      return .runtimeFailure
    case .clientsDone(nil): return .fine
    case .asked(let why):
      console.line("- Stopped: \(why)")
      return .fine
    }
  }

  private static func signal() async -> Ending? {
    for await signal in await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup) {
      return .asked("\(signal)")
    }
    return nil
  }

  private static func end(of parent: AsyncStream<Never>?) async -> Ending? {
    guard let parent else { return nil }
    for await _ in parent {}
    return Task.isCancelled ? nil : .asked("the docker command has ended")
  }

  // MARK: Behind the scenes

  private func work() async {
    let listing = Task { await begin() }
    let sweeping = Task { await sweepAgain() }
    await withTaskCancellationHandler {
      if assembly.settings.watch { await watch(after: listing) } else { await listing.value }
    } onCancel: {
      listing.cancel()
      sweeping.cancel()
    }
  }

  private func begin() async {
    await assembly.sweepOrphans()
    await bringUp(plan.withLock { $0 }, core.snapshot.generation, only: nil)
    core.markListed()
  }

  /// A gateway that was killed may have left the engine a container to create: it appears after our
  /// first look.
  private func sweepAgain() async {
    for delay in Self.laterSweeps {
      do { try await Task.sleep(for: delay) } catch { return }
      await assembly.sweepOrphans()
    }
  }

  /// Lists the servers of a plan; those that fail are tried again until the task is cancelled.
  private func bringUp(_ plan: Plan, _ generation: Generation, only names: Set<String>?) async {
    let start = ContinuousClock.now
    PlanReport(plan).write(to: console)
    // Beside the listing: servers whose images are there do not wait for those of others.
    async let imagesAreTold: Void = prepareImages(plan)
    let director = ServerDirector(core: core, ownListing: ServerDirector.catalogListing)
    let servers = plan.servers.filter { names?.contains($0.name) ?? true }
    console.line("- Listing MCP tools...")
    let outcomes = await director.listAll(servers, of: generation)
    await imagesAreTold
    report(plan, since: start)
    core.markListed()
    let failed = Set(outcomes.filter(\.hasFailed).map(\.server))
    await withTaskGroup { group in
      for server in servers where failed.contains(server.name) {
        group.addTask { await director.keepTrying(server, of: generation) }
      }
    }
  }

  private func prepareImages(_ plan: Plan) async {
    for (image, fault) in await assembly.prepareImages(plan).sorted(by: { $0.key < $1.key }) {
      console.line("! \(image): \(PrintableText(fault.message, limit: 1_500))")
    }
  }

  private func report(_ plan: Plan, since start: ContinuousClock.Instant) {
    let snapshot = core.snapshot
    for finding in snapshot.directory.findings { console.line("  ! \(finding)") }
    let known = snapshot.listings.flatMap { server, listing in
      listing.tools.map {
        ToolFilter.KnownTool(
          server: server, image: snapshot.generation.servers[server]?.images.first, tool: $0.name)
      }
    }
    for entry in plan.toolFilter.unmatchedEntries(among: known) {
      console.line("  ! the tool filter names \(PrintableText(entry)), which no listed server has")
    }
    let listed = known.map { (server: $0.server, tool: $0.tool) }
    for finding in plan.policies.findings(tools: listed) { console.line(finding.description) }
    let tools = snapshot.directory.toolsList["tools"]?.elements.count ?? 0
    let seconds = (ContinuousClock.now - start).components
    console.line(
      "> \(tools) tools listed in \(seconds.seconds).\(seconds.attoseconds / 100_000_000_000_000_000)s"
    )
    // Reading the configuration takes much more memory than serving: give it back.
    _ = malloc_trim(0)
    // Most code that has run so far runs once.
    c_memory_release_code()
  }

  // MARK: Reload

  /// Follows the files that were read last until the task is cancelled.
  private func watch(after first: Task<Void, Never>) async {
    var current = first
    var files = plan.withLock { $0.watchedFiles }
    if !files.isEmpty { console.line("- Watching for configuration updates...") }
    while !files.isEmpty {
      let outcome = await FileWatcher(files).change()
      guard outcome == .changed else {
        if case .failed(let error) = outcome { tellUnwatched(error) }
        break
      }
      console.line("- Configuration changed, reading it again...")
      let next = await assembly.plan()
      // Also of a plan that is not used: it is these files that have to be mended.
      files = next.watchedFiles
      guard let work = await adopt(next) else { continue }
      current.cancel()
      current = work
    }
    await withTaskCancellationHandler {
      await current.value
    } onCancel: { [current] in
      current.cancel()
    }
  }

  private func tellUnwatched(_ error: Int32) {
    let reason = unsafe String(cString: strerror(error))
    console.line("! The files cannot be watched (\(reason)): changes count after a restart")
  }

  /// Switches to a plan that was read again; nil if it is nothing new, or wrong: then the last good
  /// plan stays.
  private func adopt(_ next: Plan) async -> Task<Void, Never>? {
    for problem in next.problems { console.line(problem.description) }
    guard !next.problems.hasErrors else {
      console.line("! The new configuration is not used; the last good one stays in force")
      return nil
    }
    let current = plan.withLock { $0 }
    let moved = await current.imageStore?.moved(for: next.imageStore) ?? []
    guard !moved.isEmpty || !next.isSame(as: current) else {
      console.line("> Configuration as before")
      return nil
    }
    let generation: Generation
    do { generation = try assembly.generation(for: next) } catch {
      console.line("! The new configuration is not used: \(error)")
      return nil
    }
    let changed = next.servers.filter { server in
      !current.servers.contains(server) || !moved.isDisjoint(with: server.images)
    }.map(\.name)
    plan.withLock { $0 = next }
    recording?.follow(generation)
    let old = core.replace(generation)
    let unlisted = next.servers.map(\.name).filter { core.snapshot.listings[$0] == nil }
    console.line("> Configuration updated, \(changed.count) servers new or changed")
    return Task {
      await old.close()
      guard !Task.isCancelled else { return }
      await bringUp(next, generation, only: Set(changed).union(unlisted))
    }
  }
}

extension ServerDirector {
  /// Container tools are described by the catalog alone.
  static let catalogListing: @Sendable (PlannedServer) -> Listing? = { server in
    guard case .containerTools(let tools) = server.carrier else { return nil }
    return Listing(tools)
  }
}

extension ServerDirector.Outcome {
  var hasFailed: Bool { if case .failure = result { true } else { false } }
}
