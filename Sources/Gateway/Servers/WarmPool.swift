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

  /// An instance that nobody has used. The caller closes it.
  func take() async throws -> LiveServer {
    guard !isClosed else {
      throw Fault(.shuttingDown, from: .gateway, "\(server.name) is being stopped")
    }
    while !stock.isEmpty {
      let spare = stock.removeFirst()
      refill()
      // A spare that failed to start says nothing about the next try.
      guard let ready = try? await spare.value else { continue }
      if ready.connection.isOpen { return ready }
      await ready.close()
    }
    let fresh = try await starter.start(server, session: nil)
    if isClosed {
      await fresh.close()
      throw Fault(.shuttingDown, from: .gateway, "\(server.name) is being stopped")
    }
    refill()
    return fresh
  }

  /// Gives up one spare instance, to make room for another server's call.
  func giveUpSpare() async {
    guard !stock.isEmpty else { return }
    await Self.discard(stock.removeFirst())
  }

  /// Ends all spare instances; returns when nothing of them remains.
  func close() async {
    isClosed = true
    let spares = stock
    stock = []
    await withTaskGroup { group in
      for spare in spares { group.addTask { await Self.discard(spare) } }
    }
  }

  private func refill() {
    while !isClosed, stock.count < size {
      stock.append(
        Task { [server, starter] in
          try await starter.start(server, session: nil, urgency: .spare)
        })
    }
  }

  private static func discard(_ spare: Task<LiveServer, any Error>) async {
    spare.cancel()
    if let ready = try? await spare.value { await ready.close() }
  }
}
