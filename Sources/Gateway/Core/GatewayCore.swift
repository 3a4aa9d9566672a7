import Interceptors
import Policy
import Synchronization
import Telemetry
import Wire

/// The gateway between its transports and its servers: holds the current snapshot and the sessions,
/// and carries calls. It knows no protocol and no engine.
final class GatewayCore: SessionOpener {
  private struct State {
    var snapshot: Snapshot
    var sessions: [String: GatewaySession] = [:]
    var isListed = false
    var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    var nextWaiter = 0
    var isClosed = false
  }

  /// Sessions at the same time, over all clients, those that are ending included, if nothing else
  /// is wished.
  static let mostSessions = 1_000
  /// Calls in progress at the same time, over all clients.
  static let mostCalls = 1_024
  /// How long a list waits for servers that have not answered yet.
  static let longestListWait = Duration.seconds(20)

  private let state: Mutex<State>
  private let callCount = Atomic<Int>(0)
  private let callsInProgress = Atomic<Int>(0)
  let journals: [any CallJournal]
  /// Who asks in the stateless era, and their calls that wait for input.
  let stateless: StatelessClients
  let parked: ParkedCalls
  private let listTimeout: Duration
  private let instance: String
  private let sessionLimit: Int
  let log: @Sendable (String) -> Void
  private let telemetry: Telemetry?
  /// Where calls run; nil: on the cooperative threads.
  var executor: (any TaskExecutor)? { snapshot.generation.starter.executor }

  /// - Parameters:
  ///   - instance: identifies this run of the gateway in call ids.
  ///   - statelessIdle: after this time without a request an identity's long-lived servers end.
  ///   - telemetry: gives calls their place in a trace; one of the journals then.
  ///   - log: writes a line for people.
  init(
    generation: Generation, instance: String, journals: [any CallJournal], listTimeout: Duration,
    statelessIdle: Duration = .seconds(10 * 60), parking: ParkedCalls.Limits = .init(),
    mostSessions: Int = GatewayCore.mostSessions, telemetry: Telemetry? = nil,
    log: @escaping @Sendable (String) -> Void
  ) {
    state = Mutex(State(snapshot: Snapshot(revision: 0, generation: generation, listings: [:])))
    self.instance = instance
    sessionLimit = mostSessions
    self.journals = journals
    self.listTimeout = listTimeout
    stateless = StatelessClients(idle: statelessIdle)
    parked = ParkedCalls(limits: parking)
    self.log = log
    self.telemetry = telemetry
  }

  var snapshot: Snapshot { state.withLock { $0.snapshot } }
  var isReady: Bool { state.withLock { $0.isListed && !$0.isClosed } }

  /// Unique over all runs of the gateway.
  func nextCallID() -> String {
    "\(instance)-\(callCount.add(1, ordering: .relaxed).newValue)"
  }

  // MARK: Sessions

  func open(identity: String) throws(Refusal) -> any ClientSession {
    let session = GatewaySession(id: RandomID.make(), identity: identity, core: self)
    let isOpen = state.withLock { state in
      guard !state.isClosed, state.sessions.count < sessionLimit else { return false }
      state.sessions[session.id] = session
      return true
    }
    guard isOpen else {
      throw Refusal(
        .overLimit, rule: "sessions",
        message: "no more than \(sessionLimit) sessions can be open")
    }
    return session
  }

  func begin(_ request: StatelessRequest, identity: String) -> Exchange {
    begin(request, identity: identity, CallHandle())
  }

  /// - Parameter handle: cancels the request.
  func begin(_ request: StatelessRequest, identity: String, _ handle: CallHandle) -> Exchange {
    stateless.begin(request, identity: identity, handle, of: self)
  }

  /// Serves a client that has a connection of its own.
  func connect(identity: String) throws(Refusal) -> any ClientSession {
    ConnectedClient(try open(identity: identity), of: self)
  }

  func forget(_ session: GatewaySession) {
    state.withLock { _ = $0.sessions.removeValue(forKey: session.id) }
  }

  /// Ends all sessions and servers; returns when nothing of them remains.
  func close() async {
    let (sessions, generation) = state.withLock { state in
      state.isClosed = true
      return (Array(state.sessions.values), state.snapshot.generation)
    }
    markListed()
    parked.close()
    await withTaskGroup { group in
      group.addTask { [stateless] in await stateless.close() }
      for session in sessions { group.addTask { await session.end() } }
      group.addTask { await generation.close() }
    }
    await generation.pipeline.close()
    await generation.starter.farewells.finish()
  }

  // MARK: Calls

  /// Carries one call through the pipeline to its server and back, and has it recorded. The answer
  /// is withheld if the record cannot be written.
  func carry(
    _ call: Call, on snapshot: Snapshot, for session: SessionServers, _ link: ClientLink
  ) async throws -> CallResult {
    let inProgress = callsInProgress.add(1, ordering: .relaxed).newValue
    defer { callsInProgress.subtract(1, ordering: .relaxed) }
    let generation = snapshot.generation
    let call = telemetry?.tracing(call) ?? call
    for journal in journals { try journal.began(call) }
    var trail = CallTrail()
    guard inProgress <= Self.mostCalls else {
      trail.passed("limits", .out, .refused)
      try tellAll { try $0.ended(call, trail, .refused(Self.tooManyCalls)) }
      throw Self.tooManyCalls
    }
    let guarded = guarded(link, for: call, by: generation)
    let outcome: Result<CallResult, any Error>
    do {
      outcome = .success(
        try await generation.pipeline.carry(call, noting: &trail) { permit, trail in
          try await generation.perform(
            permit, noting: &trail, for: session, guarded,
            mirrored: snapshot.mirroredParameters(of: permit.call))
        })
    } catch { outcome = .failure(error) }
    let told = CallOutcome(outcome)
    try tellAll { try $0.ended(call, trail, told) }
    return try outcome.get()
  }

  private static let tooManyCalls = Refusal(
    .overLimit, rule: "calls-in-progress",
    message: "the gateway carries \(mostCalls) calls already; try again later")

  /// Has every journal record something. The first that cannot has its say once all were told.
  func tellAll(_ record: (any CallJournal) throws -> Void) throws {
    var failure: (any Error)?
    for journal in journals {
      do { try record(journal) } catch { failure = failure ?? error }
    }
    if let failure { throw failure }
  }

  /// Whether something that a server sends beside results may go on to a client.
  ///
  /// - Parameter generation: of the call that it belongs to, which knows the secrets that the server
  ///   was given; nil: the present one.
  func admits(_ text: JSONText, from server: String, by generation: Generation? = nil) -> Bool {
    do {
      try (generation ?? snapshot.generation).pipeline.admit(text, from: server)
      return true
    } catch {
      log("! \(server): a notification was held back: \(PrintableText(error.message))")
      return false
    }
  }

  // MARK: Lists

  /// Returns when every server has been listed or has failed, or after a time.
  func waitUntilListed() async {
    let number = state.withLock { state -> Int? in
      guard !state.isListed else { return nil }
      state.nextWaiter += 1
      return state.nextWaiter
    }
    guard let number else { return }
    let timer = Task {
      try await Task.sleep(for: Self.longestListWait)
      wake(number)
    }
    defer { timer.cancel() }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isDone = state.withLock { state in
          if state.isListed || Task.isCancelled { return true }
          state.waiters[number] = continuation
          return false
        }
        if isDone { continuation.resume() }
      }
    } onCancel: {
      wake(number)
    }
  }

  private func wake(_ number: Int) {
    state.withLock { $0.waiters.removeValue(forKey: number) }?.resume()
  }

  /// From now on lists are answered at once.
  func markListed() {
    let waiters = state.withLock { state in
      state.isListed = true
      defer { state.waiters = [:] }
      return Array(state.waiters.values)
    }
    for waiter in waiters { waiter.resume() }
  }

  /// Reads what a started server offers. Entries that hold a secret are left out.
  func list(_ live: LiveServer, _ server: String) async throws -> Listing {
    let lister = ServerLister(connection: live.connection, hello: live.hello, limit: listTimeout)
    return screened(try await lister.list(), server)
  }

  /// The server's words are scanned before they reach the log.
  func logListingFailure(_ error: any Error, _ server: String) {
    let fault = snapshot.generation.pipeline.screened(
      Fault(listing: server, error), from: server)
    log(
      "! \(server): its lists changed and could not be read: "
        + PrintableText(fault.message, limit: 600).description)
  }

  /// Descriptions are read by a model like any answer, so they pass the same scan.
  func screened(_ listing: Listing, _ server: String) -> Listing {
    var listing = listing
    let pipeline = snapshot.generation.pipeline
    var findings = listing.findings
    func screen(_ entries: [Listing.Entry]) -> [Listing.Entry] {
      entries.filter { entry in
        do throws(Refusal) {
          try pipeline.admit(entry.text, from: server)
          return true
        } catch {
          findings.append(
            "\(PrintableText(entry.name)) is left out: \(PrintableText(error.message))")
          return false
        }
      }
    }
    listing.tools = screen(listing.tools)
    listing.prompts = screen(listing.prompts)
    listing.resources = screen(listing.resources)
    listing.templates = screen(listing.templates)
    // A finding quotes names, and a name may be what holds the secret.
    listing.findings = findings.map { finding in
      (try? pipeline.admit(JSONText(string: finding), from: server)) == nil
        ? "an entry is left out; its name holds a secret" : finding
    }
    return listing
  }

  /// Puts a server's listing into the snapshot and tells clients if what they see differs. A listing
  /// of a server that is no longer what it was when it was listed is dropped.
  func update(_ server: PlannedServer, _ listing: Listing?) {
    change { snapshot in
      guard snapshot.generation.servers[server.name] == server else { return nil }
      var listings = snapshot.listings
      listings[server.name] = listing
      return Snapshot(
        revision: snapshot.revision + 1, generation: snapshot.generation, listings: listings)
    }
  }

  /// Switches to another plan. Listings stay until the changed servers have been listed again, so
  /// that tools do not vanish meanwhile; the old generation is returned for the caller to close.
  func replace(_ generation: Generation) -> Generation {
    let old = snapshot.generation
    change { snapshot in
      let kept = snapshot.listings.filter { generation.servers[$0.key] != nil }
      return Snapshot(revision: snapshot.revision + 1, generation: generation, listings: kept)
    }
    for session in state.withLock({ Array($0.sessions.values) }) {
      session.retireServers(except: generation.servers)
    }
    for client in stateless.all { client.retireServers(except: generation.servers) }
    return old
  }

  private func change(_ make: (Snapshot) -> Snapshot?) {
    let sessions = state.withLock { state -> [GatewaySession]? in
      guard let next = make(state.snapshot) else { return nil }
      let differs = !state.snapshot.directory.looksLike(next.directory)
      state.snapshot = next
      // Before the first answer to a list there is nothing that a client could have seen.
      return differs && state.isListed ? Array(state.sessions.values) : nil
    }
    guard let sessions else { return }
    for session in sessions { session.announceChanges() }
    for client in stateless.all { client.announceChanges() }
  }
}

extension CallOutcome {
  init(_ outcome: Result<CallResult, any Error>) {
    switch outcome {
    case .success(let result):
      self = result.isError ? .toolFailed(result) : .succeeded(result)
    case .failure(let refusal as Refusal): self = .refused(refusal)
    case .failure(let fault as Fault): self = .failed(fault)
    case .failure(let error as RPCError): self = .serverError(error)
    case .failure(is CancellationError):
      self = .failed(Fault(.cancelled, from: .client, "the call was cancelled"))
    case .failure:
      self = .failed(Fault(.protocolViolation, from: .gateway, "an unexpected error"))
    }
  }
}
