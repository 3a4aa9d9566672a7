import Audit
import Interceptors
import Policy
import Wire

/// The servers and rules of one plan. A reload makes a new one; calls in flight finish on the old.
final class Generation: Sendable {
  let servers: [String: PlannedServer]
  let rules: RuleSet
  let pipeline: Pipeline
  let starter: ServerStarter
  /// Which values may stand in records; nil: none.
  let recordedValues: RecordedValues?
  private let pools: [String: WarmPool]
  private let callTimeout: Duration
  private let runTool: ToolRunner

  /// Runs a tool that is a container image of its own, once.
  typealias ToolRunner =
    @Sendable (
      _ server: PlannedServer, _ permit: Permit, _ trail: inout CallTrail, _ limit: Duration
    ) async throws -> CallResult

  init(
    servers: [PlannedServer], rules: RuleSet, pipeline: Pipeline, starter: ServerStarter,
    warm: Int, callTimeout: Duration, recordedValues: RecordedValues? = nil,
    runTool: @escaping ToolRunner
  ) {
    self.recordedValues = recordedValues
    self.servers = Dictionary(uniqueKeysWithValues: servers.map { ($0.name, $0) })
    self.rules = rules
    self.pipeline = pipeline
    self.starter = starter
    self.callTimeout = callTimeout
    self.runTool = runTool
    pools = Dictionary(
      uniqueKeysWithValues: servers.filter { $0.lifetime == .call }.map {
        ($0.name, WarmPool(server: $0, starter: starter, size: warm))
      })
  }

  /// Asks the server of a permitted call.
  ///
  /// - Parameters:
  ///   - session: holds the long-lived servers of the caller.
  ///   - link: reaches the caller before the answer.
  ///   - mirrored: arguments that are repeated in headers, to servers behind HTTP.
  func perform(
    _ permit: Permit, noting trail: inout CallTrail, for session: SessionServers,
    _ link: ClientLink, mirrored: MirroredParameters?
  ) async throws -> CallResult {
    let call = permit.call.tellingItsTrace
    guard let server = servers[call.server] else {
      throw Refusal(.policyDenied, rule: "servers", message: "\(call.server) is not enabled")
    }
    func ask(_ live: LiveServer) async throws -> CallResult {
      trail.image = live.image
      if call.method == .subscribe || call.method == .unsubscribe {
        return CallResult(
          try await live.subscribe(call.method, call.params, within: callTimeout))
      }
      if case .stateless = live.hello.revision {
        let result = try await live.carry(call, for: link, within: callTimeout, mirrored: mirrored)
        return CallResult(
          link.tenant.era == .handshake ? StatelessResult.forHandshake(result) : result)
      }
      if let level = link.logLevel { await live.setLogLevel(level) }
      return CallResult(
        try await live.connection.request(
          call.method.rawValue, call.params, within: limit(of: call),
          wantsProgress: link.wantsProgress, deliver: link.deliver, ask: link.ask))
    }
    return try await starter.farewells.awaited {
      switch server.lifetime {
      case .tool: return try await runTool(server, permit, &trail, callTimeout)
      case .session:
        do {
          return try await session.withInstance(of: server, by: starter, for: link.tenant, ask)
        } catch let fault as Fault where fault.isUntouched {
          // The server has forgotten our session: a new one, once.
          return try await session.withInstance(of: server, by: starter, for: link.tenant, ask)
        }
      case .call:
        guard let pool = pools[server.name] else {
          throw Fault(.serverStart, from: .gateway, "\(server.name) has no pool")
        }
        let live = try await pool.take(for: link.tenant.kind)
        // The answer does not wait until the container is gone; the shutdown does.
        do {
          let result = try await ask(live)
          starter.farewells.add { await live.close() }
          return result
        } catch {
          starter.farewells.add { await live.abort() }
          throw error
        }
      }
    }
  }

  /// The result of a task is waited for as long as anything is.
  private func limit(of call: Call) -> Duration {
    call.method == .taskResult ? max(callTimeout, OpenRequests.longest) : callTimeout
  }

  /// Gives up spare containers, one of each server.
  func giveUpSpares() async {
    for pool in pools.values { await pool.giveUpSpare() }
  }

  /// Ends the spare containers. Calls in flight go on; each ends its own.
  func close() async {
    for pool in pools.values { await pool.close() }
  }
}

extension Call {
  /// With the span of the request to the server in `_meta`, where MCP has a place for it.
  fileprivate var tellingItsTrace: Call {
    guard let trace, trace.isPropagated else { return self }
    let traceparent = JSONText(string: trace.forServer.traceparent)
    guard let params = params.setting(["_meta", "traceparent"], to: traceparent) else {
      return self
    }
    var telling = self
    telling.params = params
    return telling
  }
}
