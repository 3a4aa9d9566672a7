import Wire

/// Instances of one server for single calls: each serves one call and is thrown away. Some are made
/// ahead (started, initialized, never used), so that a call finds one ready and shares it with
/// nobody.
///
/// A server learns when it is initialized what its client can be asked, and that is before the client
/// is known. Spares are made for a client like the last one; a call of another kind of client does
/// not get them.
actor WarmPool {
  private struct Spare {
    let kind: Tenant.Kind
    let start: Task<LiveServer, any Error>
  }

  private let server: PlannedServer
  private let starter: ServerStarter
  /// How many to keep ready once the server has been used.
  private let size: Int
  private var stock: [Spare] = []
  private var isClosed = false

  init(server: PlannedServer, starter: ServerStarter, size: Int) {
    self.server = server
    self.starter = starter
    self.size = size
  }

  /// An instance that nobody has used, and that was started for a client of this kind. The
  /// caller closes it. A closed pool still serves the calls that had begun before the reload that
  /// closed it.
  func take(for kind: Tenant.Kind) async throws -> LiveServer {
    let ready =
      if let spare = try await takeSpare(kind) { spare } else {
        try await start(kind, .call)
      }
    // Only now: a server that cannot start must not be tried for ever by one call.
    refill(kind)
    return ready
  }

  private func takeSpare(_ kind: Tenant.Kind) async throws -> LiveServer? {
    while let index = stock.firstIndex(where: { $0.kind == kind }) {
      let spare = stock.remove(at: index)
      let ready = try? await spare.start.sharedValue
      if Task.isCancelled {
        putBack(spare)
        throw Fault(.cancelled, from: .client, "the call was cancelled")
      }
      // A spare that failed to start says nothing about the next try.
      guard let ready else { continue }
      if ready.connection.isOpen { return ready }
      await ready.close()
    }
    return nil
  }

  private func putBack(_ spare: Spare) {
    if !isClosed, stock.count < size {
      stock.append(spare)
    } else {
      discard(spare)
    }
  }

  /// Gives up one spare instance, to make room for another server's call.
  func giveUpSpare() {
    guard !stock.isEmpty else { return }
    discard(stock.removeFirst())
  }

  /// Ends all spare instances; the starter's farewells say when nothing of them remains.
  func close() {
    isClosed = true
    for spare in stock { discard(spare) }
    stock = []
  }

  private func refill(_ kind: Tenant.Kind) {
    guard !isClosed else { return }
    for spare in stock where spare.kind != kind { discard(spare) }
    stock.removeAll { $0.kind != kind }
    while stock.count < size {
      let start = Task { try await self.start(kind, .spare) }
      stock.append(Spare(kind: kind, start: start))
    }
  }

  private nonisolated func start(
    _ kind: Tenant.Kind, _ urgency: ContainerSlots.Urgency
  ) async throws -> LiveServer {
    try await starter.start(
      server, session: nil, for: Tenant(capabilities: kind.capabilities, era: kind.era, ask: nil),
      urgency: urgency)
  }

  private func discard(_ spare: Spare) {
    spare.start.cancel()
    starter.farewells.add {
      if let ready = try? await spare.start.value { await ready.close() }
    }
  }
}
