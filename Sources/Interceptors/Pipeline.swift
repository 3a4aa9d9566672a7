import Policy
import Wire

/// The one way to a server: gate and scan, stations out, the server, scan and stations back.
///
/// Order on the way out: rules, secrets scan, then the stations in the order given; what a station
/// changed is judged and scanned again. On the way back: scan, the stations in reverse (the first
/// given is the outermost), and a scan of whatever one of them changed.
public struct Pipeline: Sendable {
  private let rules: RuleSet
  private let scan: SecretScan?
  private let stations: [any Interceptor]

  public init(rules: RuleSet, scan: SecretScan?, stations: [any Interceptor]) {
    self.rules = rules
    self.scan = scan
    self.stations = stations
  }

  /// Carries a call to `server` and its result back; `trail` tells what it met, however it ended.
  ///
  /// Throws a ``Refusal`` where the pipeline says no, and what `server` throws; an ``RPCError`` of
  /// the server is scanned before it leaves.
  public func carry(
    _ call: Call, noting trail: inout CallTrail,
    to server: (Permit, inout CallTrail) async throws -> CallResult
  ) async throws -> CallResult {
    switch try await outward(call, &trail) {
    case .permitted(let permit):
      let result: CallResult
      do { result = try await ask(server, permit, &trail) } catch let error as RPCError {
        return try await inward(error, of: permit.call, &trail)
      }
      return try await inward(result, of: permit.call, through: stations[...], &trail)
    case .answered(let result, let call, let outer):
      return try await inward(result, of: call, through: stations[..<outer], &trail)
    }
  }

  /// Carries what a server asks to its client, and the answer back: the question is content of a
  /// server like a result, the answer is data for a server like a call's arguments.
  ///
  /// Throws a ``Refusal`` where the pipeline says no, and what `client` throws; an ``RPCError`` of
  /// the client is scanned before it leaves.
  public func carry(
    _ ask: ServerAsk, to client: (ServerAsk) async throws -> JSONText
  ) async throws -> JSONText {
    try rules.permit(ask)
    if let scan {
      try scan.check(ask.params, from: ask.server)
      try SecretForm.check(ask)
    }
    for station in stations.reversed() {
      try await failClosed(station) { try await station.before(ask) }
    }
    let answer: JSONText
    do { answer = try await client(ask) } catch let error as RPCError {
      try scan?.check(error.text, to: ask.server)
      throw error
    }
    try scan?.check(answer, to: ask.server)
    for station in stations {
      try await failClosed(station) { try await station.after(answer, to: ask) }
    }
    return answer
  }

  /// Lets through what a server sends beside results (notifications, descriptions), or refuses it.
  public func admit(_ text: JSONText, from server: String) throws(Refusal) {
    try scan?.check(text, from: server)
  }

  /// Ends what stations keep from call to call. No call comes afterwards.
  public func close() async {
    await withTaskGroup { group in
      for station in stations { group.addTask { await station.close() } }
    }
  }

  private enum Outward {
    case permitted(Permit)
    /// By a station. Only those outside of it, which are so many, see the answer: stations are onion
    /// skins, and the inner ones were not asked about the call.
    case answered(CallResult, Call, outer: Int)
  }

  private func outward(_ call: Call, _ trail: inout CallTrail) async throws(Refusal) -> Outward {
    var permit = try judge(call, &trail)
    for (index, station) in stations.enumerated() {
      let current = permit.call
      switch try await pass(station, .out, &trail, { try await station.before(current) }) {
      case .pass, .notConcerned, .unjudged: continue
      case .replace(let changed):
        guard changed.hasSameRoute(as: current) else {
          throw Refusal(
            .interceptorFailed, rule: station.name,
            message: "\(station.name) tried to send the call elsewhere")
        }
        permit = try judge(changed, &trail)
        trail.sent = changed
      case .answer(let result): return .answered(result, current, outer: index)
      }
    }
    return .permitted(permit)
  }

  private func judge(_ call: Call, _ trail: inout CallTrail) throws(Refusal) -> Permit {
    let permit = try trail.judging("rules", .out) { () throws(Refusal) in try rules.permit(call) }
    trail.rule = permit.rule
    if let scan {
      try trail.judging("secrets", .out) { () throws(Refusal) in try scan.check(call) }
    }
    return permit
  }

  private func screen(
    _ text: JSONText, from server: String, _ trail: inout CallTrail
  ) throws(Refusal) {
    guard let scan else { return }
    try trail.judging("secrets", .back) { () throws(Refusal) in
      try scan.check(text, from: server)
    }
  }

  private func ask(
    _ server: (Permit, inout CallTrail) async throws -> CallResult, _ permit: Permit,
    _ trail: inout CallTrail
  ) async throws -> CallResult {
    do {
      let result = try await server(permit, &trail)
      trail.passed("server", .server)
      return result
    } catch let refusal as Refusal {
      trail.passed("server", .server, .refused)
      throw refusal
    } catch {
      trail.passed("server", .server, .failed)
      if let error = error as? RPCError {
        try screen(error.text, from: permit.call.server, &trail)
      }
      throw (error as? Fault).map { screened($0, from: permit.call.server) } ?? error
    }
  }

  /// A fault quotes what a failing server wrote to stderr; where that holds a secret, the quotation
  /// goes and the fact stays.
  public func screened(_ fault: Fault, from server: String) -> Fault {
    do {
      try scan?.check(JSONText(string: fault.message), from: server)
      return fault
    } catch {
      var silent = fault
      silent.message = "\(server) failed (\(fault.kind.rawValue)); its own words hold a secret"
      return silent
    }
  }

  private func inward(
    _ result: CallResult, of call: Call, through stations: ArraySlice<any Interceptor>,
    _ trail: inout CallTrail
  ) async throws(Refusal) -> CallResult {
    var result = result
    try screen(result.text, from: call.server, &trail)
    for station in stations.reversed() {
      let current = result
      switch try await pass(station, .back, &trail, { try await station.after(current, of: call) })
      {
      case .pass, .notConcerned, .unjudged: continue
      case .replace(let changed), .answer(let changed):
        try screen(changed.text, from: call.server, &trail)
        result = changed
      }
    }
    return result
  }

  /// The way back of an error, which has been screened. A station may put a result in its place.
  private func inward(
    _ error: RPCError, of call: Call, _ trail: inout CallTrail
  ) async throws -> CallResult {
    var error = error
    for (index, station) in stations.enumerated().reversed() {
      let current = error
      switch try await pass(station, .back, &trail, { try await station.after(current, of: call) })
      {
      case .pass, .notConcerned, .unjudged: continue
      case .replace(let changed):
        try screen(changed.text, from: call.server, &trail)
        error = changed
      case .answer(let result):
        return try await inward(result, of: call, through: stations[..<index], &trail)
      }
    }
    throw error
  }

  private func pass<Subject: Sendable>(
    _ station: any Interceptor, _ leg: CallTrail.Leg, _ trail: inout CallTrail,
    _ work: () async throws -> Verdict<Subject>
  ) async throws(Refusal) -> Verdict<Subject> {
    do throws(Refusal) {
      let verdict = try await failClosed(station, work)
      if let effect = verdict.effect { trail.passed(station.name, leg, effect) }
      return verdict
    } catch {
      trail.passed(station.name, leg, .refused)
      throw error
    }
  }

  /// A station that breaks has not judged the call, so the call does not go on.
  private func failClosed<Value: Sendable>(
    _ station: any Interceptor, _ work: () async throws -> Value
  ) async throws(Refusal) -> Value {
    do { return try await work() } catch let refusal as Refusal { throw refusal } catch {
      throw Refusal(
        .interceptorFailed, rule: station.name,
        message: "\(station.name) failed, so the call was refused")
    }
  }
}

extension Call {
  /// A station may change what is asked, not who asks whom for what.
  fileprivate func hasSameRoute(as other: Call) -> Bool {
    id == other.id && caller == other.caller && server == other.server && method == other.method
      && target == other.target
  }
}

extension Verdict {
  /// Nil where there is nothing to note.
  fileprivate var effect: CallTrail.Effect? {
    switch self {
    case .pass: .passed
    case .notConcerned: nil
    case .unjudged: .unjudged
    case .replace: .changed
    case .answer: .answered
    }
  }
}

extension CallTrail {
  /// Notes what `work` decided, and how long that took.
  fileprivate mutating func judging<Value>(
    _ stage: String, _ leg: Leg, _ work: () throws(Refusal) -> Value
  ) throws(Refusal) -> Value {
    do throws(Refusal) {
      let value = try work()
      passed(stage, leg)
      return value
    } catch {
      passed(stage, leg, .refused)
      throw error
    }
  }
}
