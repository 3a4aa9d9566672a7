import Policy
import Secrets
import Synchronization
import Testing
import Wire

@testable import Interceptors

private let secret = "correct-horse-battery-staple"

private struct Saying: HookRunner {
  let words: String
  func run(_ request: HookRequest) async throws(HookFailure) -> [UInt8] {
    if words == "fail" { throw .exitStatus(1) }
    return Array(words.utf8)
  }
}

private func pipeline(
  _ hooks: (HookSpec.When, String)..., onError: Hook.OnError = .deny
) throws -> Pipeline {
  let scanner = try SecretScanner(exact: [ExactSecret(name: "db", value: secret)])
  let stations = hooks.enumerated().map { index, hook in
    HookStation(
      Hook(name: "h\(index + 1)", spec: HookSpec(hook.0, .exec, "x"), onError: onError),
      runner: Saying(words: hook.1), scanner: scanner
    ) { _ in }
  }
  return Pipeline(
    rules: RuleSet(servers: ["s"]) { _, tool in tool != "off" },
    scan: SecretScan(scanner, ownSecrets: [:]), stations: stations)
}

private let call = Call(
  id: "1", caller: Caller(identity: "local", session: "s", clientName: "c"), server: "s",
  method: .callTool, target: "t",
  params: JSONText(object: [("name", JSONText(string: "t")), ("arguments", .emptyObject)]))

private let fine = CallResult(JSONText(object: [("content", .emptyArray)]))

/// What the client gets, and whether the server was asked.
private func carry(_ pipeline: Pipeline) async -> (Result<CallResult, any Error>, Bool, CallTrail) {
  var trail = CallTrail()
  var isAsked = false
  do {
    let result = try await pipeline.carry(call, noting: &trail) { _, _ in
      isAsked = true
      return fine
    }
    return (.success(result), isAsked, trail)
  } catch { return (.failure(error), isAsked, trail) }
}

private func refusal(_ outcome: Result<CallResult, any Error>) -> Refusal? {
  if case .failure(let error as Refusal) = outcome { error } else { nil }
}

@Test func aSecretThatAHookPutsIntoArgumentsReachesNoServer() async throws {
  let (outcome, isAsked, _) = await carry(
    try pipeline((.before, #"{"decision":"modify","arguments":{"q":"\#(secret)"}}"#)))
  #expect(refusal(outcome)?.code == .secretFound)
  #expect(!isAsked)
}

@Test(arguments: [HookSpec.When.before, .after])
func aSecretThatAHookPutsIntoAResultReachesNoClient(_ when: HookSpec.When) async throws {
  let (outcome, _, _) = await carry(
    try pipeline((when, #"{"content":[{"type":"text","text":"\#(secret)"}]}"#)))
  #expect(refusal(outcome)?.code == .secretFound)
}

@Test(arguments: [
  #"{"decision":"modify","arguments":{},"params":{"name":"off"}}"#,
  #"{"decision":"modify","params":{"name":"off","arguments":{}}}"#,
  #"{"decision":"modify","name":"off","arguments":{}}"#,
  #"{"decision":"redact","paths":["params.name"],"replacement":"off"}"#,
  #"{"decision":"redact","paths":["name"],"replacement":"off"}"#,
  #"{"decision":"redact","paths":["*"],"replacement":"off"}"#,
  #"{"method":"tools/call","params":{"name":"off","arguments":{}}}"#,
])
func noHookCallsAnotherTool(_ words: String) async throws {
  let (outcome, isAsked, _) = await carry(try pipeline((.before, words)))
  #expect(refusal(outcome)?.code == .interceptorFailed)
  #expect(!isAsked)
}

@Test func argumentsThatNameATooldoNotNameTheCall() async throws {
  let (outcome, isAsked, trail) = await carry(
    try pipeline((.before, #"{"decision":"modify","arguments":{"name":"off"}}"#)))
  #expect(refusal(outcome) == nil)
  #expect(isAsked)
  #expect(trail.sent?.target == "t")
  #expect(trail.sent?.params["name"]?.string == "t")
}

@Test func aHookThatFailsAndMayIsInTheTrail() async throws {
  let (outcome, isAsked, trail) = await carry(
    try pipeline((.before, "fail"), (.after, "fail"), onError: .allow))
  #expect(refusal(outcome) == nil)
  #expect(isAsked)
  let steps = trail.steps.filter { $0.stage.hasPrefix("h") }.map {
    "\($0.stage) \($0.leg) \($0.effect)"
  }
  #expect(steps == ["h1 out unjudged", "h2 back unjudged"])
}

@Test func hooksThatAreNotConcernedLeaveNoTrace() async throws {
  let (_, _, trail) = await carry(try pipeline((.before, ""), (.after, "")))
  let steps = trail.steps.map { "\($0.stage) \($0.leg)" }
  #expect(
    steps == [
      "rules out", "secrets out", "h1 out", "server server", "secrets back", "h2 back",
    ])
}
