import Wire

/// Lists the servers of a generation in parallel and keeps trying those that fail, so that one bad
/// server costs nobody anything.
struct ServerDirector: Sendable {
  private static let retryDelays: [Duration] = [
    .seconds(5), .seconds(30), .seconds(120), .seconds(300),
  ]

  /// How long a server holds one of the places in which servers are listed.
  static let patience = Duration.seconds(3)

  let core: GatewayCore
  /// How a server that is no MCP server of its own (container tools) lists itself; nil: ask it.
  let ownListing: @Sendable (PlannedServer) -> Listing?
  var patience = Self.patience

  /// What came of listing one server.
  struct Outcome: Sendable {
    let server: String
    let result: Result<Listing, Fault>
    let duration: Duration
  }

  /// Lists `servers` once; each is in the snapshot as soon as it is known.
  func listAll(_ servers: [PlannedServer], of generation: Generation) async -> [Outcome] {
    enum Event {
      case listed(Outcome)
      case slow(server: String)
    }
    return await withTaskGroup(of: Event.self) { group in
      var outcomes: [Outcome] = []
      var turns = ListingTurns(servers)
      while outcomes.count < servers.count {
        for server in turns.begin() {
          group.addTask { .listed(await list(server, of: generation)) }
          group.addTask {
            // Cut short only when all are listed; then nobody looks at it.
            try? await Task.sleep(for: patience)
            return .slow(server: server.name)
          }
        }
        switch await group.next() {
        case .listed(let outcome):
          turns.end(outcome.server)
          outcomes.append(outcome)
        case .slow(let server): turns.giveUpPlace(server)
        case nil: break
        }
      }
      group.cancelAll()
      return outcomes.sorted { $0.server < $1.server }
    }
  }

  /// Tries a failed server again and again, until it works or the task is cancelled.
  func keepTrying(_ server: PlannedServer, of generation: Generation) async {
    var attempt = 0
    while !Task.isCancelled {
      let delay = Self.retryDelays[min(attempt, Self.retryDelays.count - 1)]
      do { try await Task.sleep(for: delay) } catch { return }
      attempt += 1
      if case .success = await list(server, of: generation).result { return }
    }
  }

  private func list(_ server: PlannedServer, of generation: Generation) async -> Outcome {
    let start = ContinuousClock.now
    let result: Result<Listing, Fault>
    do { result = .success(try await read(server, of: generation)) } catch {
      let fault = Fault(listing: server.name, error)
      result = .failure(generation.pipeline.screened(fault, from: server.name))
    }
    report(server.name, result)
    // What an earlier definition of the server listed is not offered beyond this.
    core.update(server, try? result.get())
    return Outcome(server: server.name, result: result, duration: .now - start)
  }

  private func read(_ server: PlannedServer, of generation: Generation) async throws -> Listing {
    if let listing = ownListing(server) { return core.screened(listing, server.name) }
    core.log("  - Running \(server.summary)")
    return try await generation.starter.farewells.awaited {
      let live = try await generation.starter.start(server, session: nil, for: .nobody)
      // The listing does not wait until the container is gone; the shutdown does.
      defer { generation.starter.farewells.add { await live.close() } }
      return try await core.list(live, server.name)
    }
  }

  private func report(_ server: String, _ result: Result<Listing, Fault>) {
    switch result {
    case .success(let listing):
      let counts = [
        (listing.tools.count, "tools"), (listing.prompts.count, "prompts"),
        (listing.resources.count, "resources"), (listing.templates.count, "resource templates"),
      ]
      let text = counts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
      core.log("  > \(server): \(text.isEmpty ? "nothing to offer" : "(\(text))")")
      for finding in listing.findings { core.log("  ! \(server): \(finding)") }
    case .failure(let fault):
      core.log("  ! Can't list \(server): \(PrintableText(fault.message, limit: 1_500))")
    }
  }

}

extension Fault {
  /// Why a server could not be listed.
  init(listing server: String, _ error: any Error) {
    switch error {
    case let fault as Fault: self = fault
    case let error as RPCError:
      self.init(
        .protocolViolation, from: .server,
        "\(server) refused to list what it offers (error \(error.code): \(error.message))")
    case let refusal as Refusal: self.init(.serverStart, from: .gateway, refusal.message)
    default: self.init(.serverStart, from: .gateway, "\(server) could not be listed")
    }
  }
}
