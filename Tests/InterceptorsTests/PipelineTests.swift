import Policy
import Secrets
import Synchronization
import Testing
import Wire

@testable import Interceptors

/// Written down by stations and the server as the call passes.
private final class Trace: Sendable {
  private let state = Mutex<[String]>([])
  var steps: [String] { state.withLock { $0 } }
  func add(_ step: String) { state.withLock { $0.append(step) } }
}

private struct Station: Interceptor {
  let name: String
  let trace: Trace
  var onBefore: @Sendable (Call) async throws -> Verdict<Call> = { _ in .pass }
  var onAfter: @Sendable (CallResult) async throws -> Verdict<CallResult> = { _ in .pass }

  func before(_ call: Call) async throws -> Verdict<Call> {
    trace.add("\(name)>")
    return try await onBefore(call)
  }
  func after(_ result: CallResult, of call: Call) async throws -> Verdict<CallResult> {
    trace.add("<\(name)")
    return try await onAfter(result)
  }
}

private struct Broken: Error {}

private let secret = "correct-horse-battery-staple"

private func pipeline(_ stations: [any Interceptor], scans: Bool = true) throws -> Pipeline {
  let scanner = try SecretScanner(exact: [ExactSecret(name: "db.password", value: secret)])
  let rules = RuleSet(servers: ["s"]) { _, tool in tool != "off" }
  return Pipeline(
    rules: rules,
    scan: scans ? SecretScan(scanner, ownSecrets: ["owner": ["db.password"]]) : nil,
    stations: stations)
}

private func call(_ arguments: String = "{}", tool: String = "t") throws -> Call {
  Call(
    id: "1", caller: Caller(identity: "local", session: "s", clientName: "c"), server: "s",
    method: .callTool, target: tool,
    params: try JSONText(validating: #"{"name":"\#(tool)","arguments":\#(arguments)}"#))
}

extension Pipeline {
  fileprivate func carry(
    _ call: Call, to server: (Permit) async throws -> CallResult
  ) async throws -> CallResult {
    var trail = CallTrail()
    return try await carry(call, noting: &trail) { permit, _ in try await server(permit) }
  }
}

private func result(_ text: String) -> CallResult {
  CallResult(
    JSONText(object: [
      (
        "content",
        JSONText(array: [
          JSONText(object: [
            ("type", JSONText(string: "text")), ("text", JSONText(string: text)),
          ])
        ])
      )
    ]))
}

@Test func stationsAreOnionSkins() async throws {
  let trace = Trace()
  let pipeline = try pipeline([
    Station(name: "a", trace: trace), Station(name: "b", trace: trace),
  ])
  let answer = try await pipeline.carry(call()) { _ in
    trace.add("server")
    return result("fine")
  }
  #expect(answer == result("fine"))
  #expect(trace.steps == ["a>", "b>", "server", "<b", "<a"])
}

@Test func aRefusedCallReachesNoStationAndNoServer() async throws {
  let trace = Trace()
  let pipeline = try pipeline([Station(name: "a", trace: trace)])
  let refusal = await #expect(throws: Refusal.self) {
    try await pipeline.carry(call(tool: "off")) { _ in
      trace.add("server")
      return result("")
    }
  }
  #expect(refusal?.code == .toolDisabled)
  #expect(trace.steps.isEmpty)
}

@Test func aSecretInTheArgumentsReachesNoStationAndNoServer() async throws {
  let trace = Trace()
  let pipeline = try pipeline([Station(name: "a", trace: trace)])
  let refusal = await #expect(throws: Refusal.self) {
    try await pipeline.carry(call(#"{"q":"\#(secret)"}"#)) { _ in
      trace.add("server")
      return result("")
    }
  }
  #expect(refusal?.code == .secretFound)
  #expect(refusal?.message.contains(secret) == false)
  #expect(trace.steps.isEmpty)
}

@Test func aSecretInTheResultIsSeenByNoStation() async throws {
  let trace = Trace()
  let pipeline = try pipeline([Station(name: "a", trace: trace)])
  let refusal = await #expect(throws: Refusal.self) {
    try await pipeline.carry(call()) { _ in result("it is \(secret)") }
  }
  #expect(refusal?.code == .secretFound)
  #expect(trace.steps == ["a>"])
}

@Test func whatAStationWritesIntoACallIsJudgedAndScannedAgain() async throws {
  let changed = try call(#"{"q":"\#(secret)"}"#)
  let pipeline = try pipeline([
    Station(name: "a", trace: Trace(), onBefore: { _ in .replace(changed) })
  ])
  let refusal = await #expect(throws: Refusal.self) {
    try await pipeline.carry(call()) { _ in result("") }
  }
  #expect(refusal?.code == .secretFound)
}

@Test func whatAStationWritesIntoACallIsWhatTheServerGets() async throws {
  let changed = try call(#"{"q":"other"}"#)
  let pipeline = try pipeline([
    Station(name: "a", trace: Trace(), onBefore: { _ in .replace(changed) })
  ])
  let seen = Mutex<JSONText?>(nil)
  _ = try await pipeline.carry(call()) { permit in
    seen.withLock { $0 = permit.call.params }
    return result("")
  }
  #expect(seen.withLock { $0 } == changed.params)
}

@Test func aStationCannotSendACallElsewhere() async throws {
  let elsewhere = try call(tool: "other")
  let pipeline = try pipeline([
    Station(name: "a", trace: Trace(), onBefore: { _ in .replace(elsewhere) })
  ])
  let refusal = await #expect(throws: Refusal.self) {
    try await pipeline.carry(call()) { _ in result("") }
  }
  #expect(refusal?.code == .interceptorFailed)
}

@Test func anAnswerOfAStationIsScannedLikeAServers() async throws {
  let pipeline = try pipeline([
    Station(name: "a", trace: Trace(), onBefore: { _ in .answer(result(secret)) })
  ])
  let refusal = await #expect(throws: Refusal.self) {
    try await pipeline.carry(call()) { _ in result("never asked") }
  }
  #expect(refusal?.code == .secretFound)
}

@Test func anAnswerOfAStationReplacesTheServers() async throws {
  let trace = Trace()
  let pipeline = try pipeline([
    Station(name: "a", trace: trace, onBefore: { _ in .answer(result("mine")) })
  ])
  let answer = try await pipeline.carry(call()) { _ in
    trace.add("server")
    return result("theirs")
  }
  #expect(answer == result("mine"))
  #expect(!trace.steps.contains("server"))
}

@Test func anAnswerOfAStationIsSeenByTheStationsAroundItOnly() async throws {
  let trace = Trace()
  let pipeline = try pipeline([
    Station(name: "a", trace: trace),
    Station(name: "b", trace: trace, onBefore: { _ in .answer(result("mine")) }),
    Station(name: "c", trace: trace),
  ])
  _ = try await pipeline.carry(call()) { _ in result("theirs") }
  #expect(trace.steps == ["a>", "b>", "<a"])
}

private struct ErrorStation: Interceptor {
  let name: String
  var verdict: Verdict<RPCError>
  func after(_ error: RPCError, of call: Call) async throws -> Verdict<RPCError> { verdict }
}

@Test func anErrorOfTheServerPassesTheStations() async throws {
  let changed = RPCError(code: 1, message: "changed")
  let pipeline = try pipeline([ErrorStation(name: "a", verdict: .replace(changed))])
  await #expect(throws: changed) {
    try await pipeline.carry(call()) { _ in throw RPCError.internal("no") }
  }
}

@Test func aResultInPlaceOfAnErrorIsSeenByTheStationsAround() async throws {
  let trace = Trace()
  let pipeline = try pipeline([
    Station(name: "a", trace: trace),
    ErrorStation(name: "b", verdict: .answer(result("instead"))),
    Station(name: "c", trace: trace),
  ])
  let answer = try await pipeline.carry(call()) { _ in throw RPCError.internal("no") }
  #expect(answer == result("instead"))
  #expect(trace.steps == ["a>", "c>", "<a"])
}

@Test func whatAStationWritesIntoAnErrorIsScanned() async throws {
  for verdict in [Verdict<RPCError>.replace(.internal(secret)), .answer(result(secret))] {
    let pipeline = try pipeline([ErrorStation(name: "a", verdict: verdict)])
    let refusal = await #expect(throws: Refusal.self) {
      try await pipeline.carry(call()) { _ in throw RPCError.internal("no") }
    }
    #expect(refusal?.code == .secretFound)
  }
}

@Test func whatAStationWritesIntoAResultIsScanned() async throws {
  let pipeline = try pipeline([
    Station(name: "a", trace: Trace(), onAfter: { _ in .replace(result(secret)) })
  ])
  let refusal = await #expect(throws: Refusal.self) {
    try await pipeline.carry(call()) { _ in result("fine") }
  }
  #expect(refusal?.code == .secretFound)
}

@Test(arguments: [true, false])
func aStationThatBreaksRefusesTheCall(before: Bool) async throws {
  let station =
    before
    ? Station(name: "a", trace: Trace(), onBefore: { _ in throw Broken() })
    : Station(name: "a", trace: Trace(), onAfter: { _ in throw Broken() })
  let pipeline = try pipeline([station])
  let refusal = await #expect(throws: Refusal.self) {
    try await pipeline.carry(call()) { _ in result("fine") }
  }
  #expect(refusal?.code == .interceptorFailed)
  #expect(refusal?.rule == "a")
}

@Test func anErrorOfTheServerThatHoldsASecretIsWithheld() async throws {
  let pipeline = try pipeline([])
  let refusal = await #expect(throws: Refusal.self) {
    try await pipeline.carry(call()) { _ in throw RPCError.internal("login \(secret) failed") }
  }
  #expect(refusal?.code == .secretFound)
}

@Test func anErrorOfTheServerPassesUnchanged() async throws {
  let error = RPCError(code: -32050, message: "no", data: JSONText(string: "why"))
  let pipeline = try pipeline([])
  await #expect(throws: error) { try await pipeline.carry(call()) { _ in throw error } }
}

@Test func aFaultThatQuotesASecretLosesTheQuotation() async throws {
  let pipeline = try pipeline([])
  let fault = await #expect(throws: Fault.self) {
    try await pipeline.carry(call()) { _ in
      throw Fault(.serverGone, from: .server, "s ended: stderr: token=\(secret)")
    }
  }
  #expect(fault?.kind == .serverGone)
  #expect(fault?.message.contains(secret) == false)
}

@Test func withoutScannerNothingIsScanned() async throws {
  let pipeline = try pipeline([], scans: false)
  #expect(try await pipeline.carry(call()) { _ in result(secret) } == result(secret))
}

@Test func theTrailTellsEveryStageInOrderWithWhatItDid() async throws {
  let trace = Trace()
  let changer = Station(
    name: "changer", trace: trace,
    onBefore: { call in
      var call = call
      call.params = call.params.setting("arguments", to: .emptyObject)
      return .replace(call)
    })
  var trail = CallTrail()
  _ = try await pipeline([changer]).carry(call(#"{"q":1}"#), noting: &trail) { _, trail in
    trail.image = "sha256:1"
    return result("fine")
  }
  #expect(
    trail.steps.map { "\($0.stage) \($0.leg) \($0.effect)" } == [
      "rules out passed", "secrets out passed", "changer out changed", "rules out passed",
      "secrets out passed", "server server passed", "secrets back passed", "changer back passed",
    ])
  #expect(trail.sent?.arguments == .emptyObject)
  #expect(trail.rule == "tools")
  #expect(trail.image == "sha256:1")
  #expect(trail.steps.map(\.duration).reduce(.zero, +) == trail.duration)
}

@Test(arguments: [
  ("off", "fine", "rules out refused"), ("t", secret, "secrets back refused"),
  ("t", "break", "server server failed"),
])
func theTrailEndsWithTheStageThatEndedTheCall(tool: String, answer: String, last: String)
  async throws
{
  var trail = CallTrail()
  await #expect(throws: (any Error).self) {
    try await pipeline([]).carry(call(tool: tool), noting: &trail) { _, _ in
      if answer == "break" { throw Fault(.timeout, from: .server, "late") }
      return result(answer)
    }
  }
  #expect(trail.steps.last.map { "\($0.stage) \($0.leg) \($0.effect)" } == last)
}
