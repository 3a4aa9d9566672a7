import Wire

/// Tasks (MCP 2025-11-25, experimental): a call that is answered at once by a task, and requests
/// about it. The instance that works on them belongs to the session, so they do too.
extension GatewaySession {
  private static let unknown = RPCError.invalidParams("unknown task")

  /// Nil unless the client wants a task; then its call goes on as one. Versions without tasks do not
  /// mean this member.
  func begin(
    _ request: CallRequest, _ params: JSONText, asTaskOn route: Directory.Route,
    in snapshot: Snapshot, _ stream: ClientStream
  ) async throws -> JSONText? {
    guard snapshot.knowsTasks, request.method == .callTool, request.wantsTask,
      state.withLock({ $0.client.version.knowsTasks })
    else { return nil }
    try await telling(of: request.method, params) {
      try checkTasks(of: route.server, in: snapshot)
    }
    let result = try await carry(request, along: route, on: snapshot, stream)
    return adopted(result, of: route)
  }

  private func checkTasks(of server: String, in snapshot: Snapshot) throws {
    guard snapshot.generation.servers[server]?.lifetime == .session else {
      throw RPCError(
        .methodNotFound,
        "\(server) runs anew for each call, and no task can outlive it; call it without task")
    }
    guard snapshot.listings[server]?.offersTasks == true else {
      throw RPCError(.methodNotFound, "\(server) has no tasks; call it without task")
    }
    guard tasks.withLock({ $0.hasRoom(now: .now) }) else {
      throw Refusal(
        .overLimit, rule: "tasks",
        message: "no more than \(SessionTasks.most) tasks of a session can be open")
    }
  }

  /// A task under an id of ours. A server that answers at once has made none.
  private func adopted(_ result: JSONText, of route: Directory.Route) -> JSONText {
    guard let task = result["task"], let own = task["taskId"]?.string else { return result }
    let ttl = task["ttl"]?.double.map { Duration.milliseconds(max(0, min($0, 1e9))) }
    let id = tasks.withLock { tasks in
      tasks.id(of: own, route.server)
        ?? tasks.add(own, ttl, of: route.name, route.server, now: .now)
    }
    return result.setting("task", to: task.setting("taskId", to: JSONText(string: id)))
  }

  /// `tasks/get`, `tasks/result` and `tasks/cancel`.
  func aboutTask(
    _ method: Call.Method, _ params: JSONText, _ stream: ClientStream
  ) async throws -> JSONText {
    let (id, task) = try await telling(of: method, params) { try find(params) }
    let order = CallOrder(
      method: method, route: .init(server: task.server, name: task.tool), exposedName: task.tool,
      params: params.setting("taskId", to: JSONText(string: task.own)),
      progressToken: try CallRequest.progressToken(of: params))
    do {
      return renamingTasks(in: try await carry(order, on: core.snapshot, stream), of: task.server)
    } catch let error as RPCError
      where error.code == RPCError.Code.invalidParams.rawValue && method != .cancelTask
    {
      // The server has forgotten it. A finished one cannot be cancelled, by the same code.
      tasks.withLock { $0.forget(id) }
      throw Self.unknown
    }
  }

  private func find(_ params: JSONText) throws(RPCError) -> (id: String, SessionTasks.Entry) {
    guard let id = params["taskId"]?.string else {
      throw .invalidParams("params.taskId must be a string")
    }
    guard let task = tasks.withLock({ $0.find(id) }), servers.running(task.server) != nil else {
      throw Self.unknown
    }
    return (id, task)
  }

  /// Asks after every task of the session: what a server lists may belong to others.
  func listTasks(_ params: JSONText?, _ stream: ClientStream) async throws -> JSONText {
    if params?["cursor"] != nil { throw RPCError.invalidParams("no such cursor") }
    var found: [JSONText] = []
    for id in tasks.withLock(\.all) {
      let wanted = JSONText(object: [("taskId", JSONText(string: id))])
      do { found.append(try await aboutTask(.getTask, wanted, stream)) } catch let error as RPCError
      {
        guard error == Self.unknown else { throw error }
      }
    }
    return JSONText(object: [("tasks", JSONText(array: found))])
  }

  func renamingTasks(in object: JSONText, of server: String) -> JSONText {
    TaskWords.renamed(object) { own in tasks.withLock { $0.id(of: own, server) } }
  }

  /// `notifications/tasks/status`; nil if it is of no task of this session.
  func taskStatus(_ params: JSONText, of server: String) -> Message? {
    let renamed = renamingTasks(in: params, of: server)
    guard renamed["taskId"] != nil else { return nil }
    return .notification(method: "notifications/tasks/status", params: renamed)
  }
}

extension ProtocolVersion {
  /// Only this one has them in this form.
  var knowsTasks: Bool { self == .november2025 }
}
