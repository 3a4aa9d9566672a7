import Wire

/// `--dry-run`: everything but listening. Images are found or pulled, servers started and listed,
/// and a summary says what a run would offer.
struct DryRun: Sendable {
  let assembly: Assembly
  let plan: Plan

  /// 0 if a run would offer all that is enabled, 3 if an image is not trusted, 2 if something else is
  /// wrong.
  func run() async -> ExitCode {
    let console = assembly.console
    let generation: Generation
    do { generation = try assembly.generation(for: plan) } catch {
      console.line(error.description)
      return .usageOrConfiguration
    }
    let core = GatewayCore(
      generation: generation, instance: "dry-run", journals: [],
      listTimeout: assembly.settings.startTimeout, log: console.line)
    await assembly.sweepOrphans()
    PlanReport(plan).write(to: console)
    CallRecording.announce(assembly.settings, console)
    let images = await assembly.prepareImages(plan)
    let director = ServerDirector(core: core, ownListing: ServerDirector.catalogListing)
    let outcomes = await director.listAll(plan.servers, of: generation)
    summarize(core.snapshot, outcomes, images)
    await core.close()
    // A server that was asked for by name and is in no catalog is skipped by a run; here it counts.
    let isComplete = !plan.problems.contains { $0.source == "--servers" }
    let isFine =
      isComplete && images.isEmpty && plan.unusable.isEmpty
      && !outcomes.contains(where: \.hasFailed)
    console.line("> Dry run: the gateway was not started")
    let isRefused =
      plan.refusesImages || images.values.contains { $0.kind == .untrusted }
    if isRefused { return .verificationRefused }
    return isFine ? .fine : .usageOrConfiguration
  }

  private func summarize(
    _ snapshot: Snapshot, _ outcomes: [ServerDirector.Outcome], _ images: [String: Fault]
  ) {
    let console = assembly.console
    console.line("> Summary")
    for (image, fault) in images.sorted(by: { $0.key < $1.key }) {
      console.line(
        "  ! image \(PrintableText(image)): \(PrintableText(fault.message, limit: 1_500))")
    }
    for outcome in outcomes {
      switch outcome.result {
      case .success(let listing):
        let enabled = listing.tools.filter {
          snapshot.generation.rules.lists(server: outcome.server, tool: $0.name)
        }
        console.line(
          "  - \(outcome.server): \(enabled.count) of \(listing.tools.count) tools enabled, "
            + "\(listing.prompts.count) prompts, \(listing.resources.count) resources")
      case .failure(let fault):
        console.line("  ! \(outcome.server): \(PrintableText(fault.message, limit: 1_500))")
      }
    }
    for finding in snapshot.directory.findings { console.line("  - \(finding)") }
    let names = snapshot.directory.toolsList["tools"]?.elements.compactMap { $0["name"]?.string }
    console.line("  - Tools: \((names ?? []).joined(separator: ", "))")
  }
}
