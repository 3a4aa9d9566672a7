import Wire

/// Signals that we send to containers.
public enum ContainerSignal: String, Sendable, Hashable {
  case terminate = "SIGTERM"
  case kill = "SIGKILL"
  case interrupt = "SIGINT"
  case hangUp = "SIGHUP"
}

/// What ``Engine/wait(_:until:timeout:)`` waits for.
public enum ContainerCondition: String, Sendable, Hashable {
  case notRunning = "not-running"
  case nextExit = "next-exit"
  case removed
}

extension Engine {
  /// Makes a container and connects its networks; it does not run yet. If a network cannot be
  /// connected nothing remains. Cancelled while the engine works, it may leave a container behind:
  /// ``LaunchedContainer`` does not.
  public func createContainer(_ spec: ContainerSpec, name: String? = nil) async throws
    -> ContainerID
  {
    let operation = "create container of \(spec.image)"
    if let fault = spec.fault { throw EngineError(.refused, operation, fault) }
    let version = try await apiVersion()
    var request = EngineRequest(operation, .POST, "/containers/create")
    if let name { request.query = [("name", name)] }
    request.headers = [("Content-Type", "application/json")]
    request.body = .bytes(Array(spec.body(for: version).bytes))
    request.limit = .whole(.seconds(60))
    let answer = try await json(request)
    guard let text = answer["Id"]?.string, !text.isEmpty else {
      throw EngineError(.malformed, operation, "the engine's answer has no Id")
    }
    let id = ContainerID(text)
    do {
      for network in spec.networksToConnect(for: version) { try await connect(id, to: network) }
    } catch {
      await removeWithoutFail(id)
      throw error
    }
    return id
  }

  public func start(_ id: ContainerID) async throws {
    var request = EngineRequest("start container \(id)", .POST, "\(id.path)/start")
    request.limit = .whole(.seconds(60))
    // 304 says that it runs already.
    do { try await perform(request) } catch let error as EngineError where error.status == 304 {}
  }

  /// Begins to wait; when this returns the engine has noted it, and what happens then is not missed.
  public func beginWait(_ id: ContainerID, until condition: ContainerCondition) async throws
    -> Waiting
  {
    var request = EngineRequest("wait for container \(id)", .POST, "\(id.path)/wait")
    request.query = [("condition", condition.rawValue)]
    request.limit = .head(.seconds(30))
    return Waiting(response: try await send(request))
  }

  /// Waits for the end of a container, at most `timeout`.
  public func wait(
    _ id: ContainerID, until condition: ContainerCondition = .notRunning, timeout: Duration
  ) async throws -> ContainerExit {
    var request = EngineRequest("wait for container \(id)", .POST, "\(id.path)/wait")
    request.query = [("condition", condition.rawValue)]
    request.limit = .whole(timeout)
    return try await Waiting(response: try await send(request)).exit()
  }

  public func inspect(_ id: ContainerID) async throws -> ContainerDetails {
    let request = EngineRequest("inspect container \(id)", .GET, "\(id.path)/json")
    guard let details = ContainerDetails(try await json(request)) else {
      throw EngineError(.malformed, request.operation, "the engine's answer lacks Id or State")
    }
    return details
  }

  public func kill(_ id: ContainerID, _ signal: ContainerSignal = .kill) async throws {
    var request = EngineRequest("kill container \(id)", .POST, "\(id.path)/kill")
    request.query = [("signal", signal.rawValue)]
    try await perform(request)
  }

  /// Asks a container to end and kills it after `grace` seconds. One that has ended is fine.
  public func stop(_ id: ContainerID, grace: Int) async throws {
    var request = EngineRequest("stop container \(id)", .POST, "\(id.path)/stop")
    request.query = [("t", String(grace))]
    request.limit = .whole(.seconds(grace + 30))
    do { try await perform(request) } catch let error as EngineError where error.status == 304 {}
  }

  /// Removes a container and returns when it is gone. One that is gone already is fine.
  ///
  /// - Parameter force: kills it first if it runs.
  /// - Parameter volumes: also removes its anonymous volumes.
  public func remove(_ id: ContainerID, force: Bool, volumes: Bool = true) async throws {
    var request = EngineRequest("remove container \(id)", .DELETE, id.path)
    request.query = [("force", force ? "true" : "false"), ("v", volumes ? "true" : "false")]
    request.limit = .whole(.seconds(60))
    do {
      do { try await perform(request) } catch let error as EngineError
        where error.isRemovalInProgress
      {
        // Begun by the engine itself or by another call.
        _ = try await wait(id, until: .removed, timeout: .seconds(30))
      }
    } catch let error as EngineError where error.kind == .notFound {}
  }

  /// All containers with all of these labels, running or not. A nil value asks for the label only.
  public func list(labels: [String: String?]) async throws -> [ContainerSummary] {
    var request = EngineRequest("list containers", .GET, "/containers/json")
    request.query = [("all", "true"), ("filters", EngineFilters(labels: labels).text)]
    return try await json(request).elements.compactMap(ContainerSummary.init)
  }

  /// The end of what the container printed, both streams together, at most `bytes`. Only of
  /// containers whose logging is not `none`.
  public func logsTail(_ id: ContainerID, bytes limit: Int = 16 << 10) async throws -> [UInt8] {
    var request = EngineRequest("read the log of container \(id)", .GET, "\(id.path)/logs")
    request.query = [("stdout", "1"), ("stderr", "1"), ("tail", "1000")]
    let response = try await send(request)
    defer { response.close() }
    var decoder = StdioFrameDecoder()
    var tail: [UInt8] = []
    while var chunk = try await response.body.next() {
      do {
        while let (_, piece) = try decoder.next(&chunk) {
          tail.append(contentsOf: piece.readableBytesView)
        }
      } catch { throw EngineError(.malformed, request.operation, error.message) }
      if tail.count > 2 * limit { tail.removeFirst(tail.count - limit) }
    }
    return Array(tail.suffix(limit))
  }

  /// Removes a container that must not stay, whether or not our own task is cancelled. What fails
  /// is logged: the next start finds the container by its labels.
  func removeWithoutFail(_ id: ContainerID) async {
    let removal = Task { try await remove(id, force: true) }
    do { try await removal.value } catch {
      logger.warning("a container could not be removed", metadata: ["error": "\(error)"])
    }
  }

  /// Kills a container that is to stay, whether or not our own task is cancelled.
  func killWithoutFail(_ id: ContainerID) async {
    let killing = Task { try await kill(id) }
    do { try await killing.value } catch let error as EngineError
      where error.kind == .conflict || error.kind == .notFound
    {} catch { logger.warning("a container could not be killed", metadata: ["error": "\(error)"]) }
  }
}

extension EngineError {
  /// The engine removes it already, on its own or for another call.
  var isRemovalInProgress: Bool { kind == .conflict && message.contains("already in progress") }
}
