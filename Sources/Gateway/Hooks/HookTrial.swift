import Interceptors
import Policy
import Secrets
import Wire

/// `interceptor test`: carries one sample call through one hook, on the same way as calls take in a
/// running gateway, and says what became of it. No server is asked.
public struct HookTrial: Sendable {
  /// What would have been seen where.
  public struct Report: Sendable {
    /// What the hook did: `passed`, `changed`, `answered`, `refused`, `unjudged`; nil where it is not
    /// bound to such calls.
    public let effect: String?
    public let duration: Duration
    /// The `params` that the server would have got; nil: nothing.
    public let toServer: JSONText?
    /// The result that the client would have got.
    public let toClient: JSONText
    public let refusal: Refusal?
  }

  private let hook: Hook
  private let call: Call
  private let result: JSONText

  /// - Parameters:
  ///   - call: the file of a call: `params`, or an object with `params` and, if wished, `server` and
  ///     `method`; nil: a sample.
  ///   - result: the file of a result, or of a response with one; nil: a sample.
  public init(_ hook: Hook, call: JSONText?, result: JSONText?) throws(Problem) {
    self.hook = hook
    self.call = try Self.call(call ?? Self.sampleCall)
    let text = result ?? Self.sampleResult
    self.result = text["result"].flatMap { $0.kind == .object ? $0 : nil } ?? text
    guard self.result.kind == .object else {
      throw Problem(
        source: "--result", "a result is an object", hint: "such as \(Self.sampleResult)")
    }
  }

  private static let sampleCall = JSONText(object: [
    ("name", JSONText(string: "echo")),
    ("arguments", JSONText(object: [("text", JSONText(string: "hello"))])),
  ])
  private static let sampleResult = JSONText(object: [
    (
      "content",
      JSONText(array: [
        JSONText(object: [("type", JSONText(string: "text")), ("text", JSONText(string: "hello"))])
      ])
    )
  ])

  private static func call(_ text: JSONText) throws(Problem) -> Call {
    let params = text["params"] ?? text
    let name = text["method"]?.string ?? Call.Method.callTool.rawValue
    guard let method = Call.Method(rawValue: name) else {
      throw Problem(source: "--call", "\(PrintableText(name)) is no method that hooks see")
    }
    guard params.kind == .object, let target = params["name"]?.string ?? params["uri"]?.string
    else {
      throw Problem(
        source: "--call", "a call is an object with a name and arguments",
        hint: "such as \(sampleCall)")
    }
    return Call(
      id: "sample-1",
      caller: Caller(identity: "local", session: "sample", clientName: "gateway interceptor test"),
      server: text["server"]?.string ?? "sample", method: method, target: target, params: params)
  }

  /// Throws a ``Problem`` if the hook can never be asked.
  ///
  /// - Parameter log: shows a line to people: what the hook writes to stderr, and why it failed.
  public func run(_ settings: Settings, environment: RunEnvironment) async throws(Problem) -> Report
  {
    var settings = settings
    // Hooks of other types need no engine.
    settings.isStatic = hook.spec.kind != .docker
    let assembly = try Assembly(settings, environment, Console())
    let pipeline = try await assembly.pipeline(for: hook, around: call.server)
    let start = ContinuousClock.now
    let report = await report(pipeline, since: start)
    await pipeline.close()
    await assembly.farewells.finish()
    return report
  }

  private func report(_ pipeline: Pipeline, since start: ContinuousClock.Instant) async -> Report {
    var trail = CallTrail()
    var sent: JSONText?
    let outcome: Result<CallResult, any Error>
    do {
      outcome = .success(
        try await pipeline.carry(call, noting: &trail) { permit, _ in
          sent = permit.call.params
          return CallResult(result)
        })
    } catch { outcome = .failure(error) }
    let refusal: Refusal? = if case .failure(let error as Refusal) = outcome { error } else { nil }
    let step = trail.steps.first { $0.stage == hook.name }
    return Report(
      effect: step?.effect.rawValue, duration: step?.duration ?? .zero, toServer: sent,
      toClient: (try? outcome.get().text) ?? refusal?.toolResult.text ?? .null, refusal: refusal)
  }
}

extension Assembly {
  /// A pipeline of one hook and the secrets scanner.
  fileprivate func pipeline(
    for hook: Hook, around server: String
  ) async throws(Problem) -> Pipeline {
    let scanner: SecretScanner
    do { scanner = try SecretScanner() } catch {
      throw Problem(source: "interceptor test", "the secrets scanner cannot start: \(error)")
    }
    let scan = SecretScan(scanner, ownSecrets: [:])
    let stations = try hooks(launcher(scan, await imageStore()), scan)
      .stations(for: [hook], scanner: scanner)
    return Pipeline(
      rules: RuleSet(servers: [server]) { _, _ in true }, scan: scan, stations: stations)
  }
}

extension HookTrial {
  /// A hook of policy files, by its name. Throws all that is wrong with them.
  public static func hook(
    named name: String, of paths: [String], _ settings: Settings, _ environment: RunEnvironment
  ) throws(HookTrialFailure) -> Hook {
    var settings = settings
    settings.policies = paths
    let policies = LoadedPolicies(settings, environment.variables)
    guard !policies.problems.hasErrors else { throw HookTrialFailure(problems: policies.problems) }
    guard let hook = policies.hooks.first(where: { $0.name == name }) else {
      let names = policies.hooks.map(\.name).joined(separator: ", ")
      throw HookTrialFailure(problems: [
        Problem(
          source: "--policy", "no hook is called \"\(PrintableText(name))\"",
          hint: "hooks: \(names)")
      ])
    }
    return hook
  }
}

public struct HookTrialFailure: Error {
  public let problems: [Problem]
}
