import Wire

/// Instances of one server for single calls: each serves one call and is thrown away. Some are made
/// ahead (started, initialized, never used), so that a call finds one ready and shares it with
/// nobody.
actor WarmPool {
  private let server: PlannedServer
  private let starter: ServerStarter
  /// How many to keep ready once the server has been used.
  private let size: Int
  private var stock: [Task<LiveServer, any Error>] = []
  private var isClosed = false

  init(server: PlannedServer, starter: ServerStarter, size: Int) {
    self.server = server
    self.starter = starter
    self.size = size
  }

  /// An instance that nobody has used. The caller closes it. A closed pool still serves the calls
  /// that had begun before the reload that closed it.
  func take() async throws -> LiveServer {
    let ready =
      if let spare = try await takeSpare() { spare } else {
        try await starter.start(server, session: nil)
      }
    // Only now: a server that cannot start must not be tried for ever by one call.
    refill()
    return ready
  }

  private func takeSpare() async throws -> LiveServer? {
    while !stock.isEmpty {
      let spare = stock.removeFirst()
      let ready = try? await spare.sharedValue
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

  private func putBack(_ spare: Task<LiveServer, any Error>) {
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

  private func refill() {
    while !isClosed, stock.count < size {
      stock.append(
        Task { [server, starter] in
          try await starter.start(server, session: nil, urgency: .spare)
        })
    }
  }

  private func discard(_ spare: Task<LiveServer, any Error>) {
    spare.cancel()
    starter.farewells.add {
      if let ready = try? await spare.value { await ready.close() }
    }
  }
}
