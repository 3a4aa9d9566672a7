import Policy
import Secrets
import Synchronization
import Testing
import Wire

@testable import Interceptors

private let secret = "correct-horse-battery-staple"

/// Answers from a function, and keeps what it was asked.
private final class Scripted: HookRunner {
  private let asked = Mutex<[JSONText]>([])
  private let answer: @Sendable (JSONText) throws(HookFailure) -> String

  init(_ answer: @escaping @Sendable (JSONText) throws(HookFailure) -> String) {
    self.answer = answer
  }

  var messages: [JSONText] { asked.withLock { $0 } }

  func run(_ request: HookRequest) async throws(HookFailure) -> [UInt8] {
    asked.withLock { $0.append(request.message) }
    return Array(try answer(request.message).utf8)
  }
}

private func station(
  _ when: HookSpec.When, _ runner: Scripted, onError: Hook.OnError = .deny,
  seesSecrets: Bool = false, binding: HookBinding = HookBinding(), scans: Bool = true
) throws -> HookStation {
  let hook = Hook(
    name: "h", spec: HookSpec(when, .exec, "x"), binding: binding, onError: onError,
    grants: HookGrants(secrets: seesSecrets))
  let scanner = try SecretScanner(exact: [ExactSecret(name: "db", value: secret)])
  return HookStation(hook, runner: runner, scanner: scans ? scanner : nil) { _ in }
}

private func call(
  _ arguments: String = #"{"q":"x"}"#, tool: String = "t", method: Call.Method = .callTool
) throws -> Call {
  Call(
    id: "1", caller: Caller(identity: "local", session: "s", clientName: "c", clientVersion: "2"),
    server: "srv", method: method, target: tool, exposedName: "srv__\(tool)",
    params: try JSONText(validating: #"{"name":"\#(tool)","arguments":\#(arguments)}"#))
}

private func result(_ text: String) throws -> CallResult {
  CallResult(try JSONText(validating: text))
}

private let fine = #"{"content":[{"type":"text","text":"fine"}]}"#

private func before(
  _ answer: String, _ arguments: String = #"{"q":"x"}"#
) async throws -> Verdict<Call> {
  try await station(.before, Scripted { _ in answer }).before(call(arguments))
}

private func after(_ answer: String, _ text: String = fine) async throws -> Verdict<CallResult> {
  try await station(.after, Scripted { _ in answer }).after(result(text), of: call())
}

extension Verdict {
  fileprivate var word: String {
    switch self {
    case .pass: "pass"
    case .notConcerned: "notConcerned"
    case .unjudged: "unjudged"
    case .replace: "replace"
    case .answer: "answer"
    }
  }
  fileprivate var subject: Subject? {
    if case .replace(let subject) = self { subject } else { nil }
  }
  fileprivate var answered: CallResult? {
    if case .answer(let result) = self { result } else { nil }
  }
}

// MARK: What a hook is shown

@Test func aHookBeforeACallSeesTheRequestInLowerCaseAndItsContext() async throws {
  let runner = Scripted { _ in "" }
  _ = try await station(.before, runner).before(call())
  #expect(
    runner.messages.map(\.description) == [
      #"{"method":"tools/call","params":{"name":"t","arguments":{"q":"x"}},"when":"before","#
        + #""server":"srv","tool":"t","session":"s","identity":"local","#
        + #""client":{"name":"c","version":"2"},"callId":"1"}"#
    ])
}

@Test func aHookAfterACallSeesTheResultWhereItWasAndTheRequestBeside() async throws {
  let runner = Scripted { _ in "" }
  _ = try await station(.after, runner).after(result(fine), of: call())
  let message = try #require(runner.messages.first)
  #expect(message["content"]?.description == #"[{"type":"text","text":"fine"}]"#)
  #expect(
    message["request"]?.description
      == #"{"method":"tools/call","params":{"name":"t","arguments":{"q":"x"}}}"#)
  #expect(message["when"]?.string == "after")
  #expect(message["server"]?.string == "srv")
}

@Test func whatAHookSeesIsOneLine() async throws {
  let runner = Scripted { _ in "" }
  _ = try await station(.after, runner).after(
    result("{\n\"content\": [\n] }"), of: call("{\n}"))
  #expect(runner.messages.first?.bytes.contains(0x0A) == false)
}

@Test func membersOfAResultThatAreNamedLikeOursAreShownBesideAndKept() async throws {
  let text = #"{"content":[],"server":"liar","decision":"allow","x":1}"#
  let runner = Scripted { $0.description }
  let verdict = try await station(.after, runner).after(result(text), of: call())
  let message = try #require(runner.messages.first)
  #expect(message["server"]?.string == "srv")
  #expect(message["decision"] == nil)
  #expect(message["shadowed"]?.description == #"{"server":"liar","decision":"allow"}"#)
  #expect(
    verdict.subject?.text.description
      == #"{"content":[],"x":1,"server":"liar","decision":"allow"}"#)
}

/// A server could carry by it what the hook has taken out.
@Test func aResultOfAHooksOwnGetsNothingOfTheServersBack() async throws {
  let server = #"{"content":[],"request":"smuggled","shadowed":"too"}"#
  for answer in [fine, #"{"decision":"modify","result":\#(fine)}"#] {
    #expect(try await after(answer, server).subject?.text.description == fine)
  }
}

@Test func aHookIsNotAskedAboutWhatItIsNotBoundTo() async throws {
  let runner = Scripted { _ in #"{"decision":"deny"}"# }
  let bindings = [
    HookBinding(servers: [NamePattern("other")]), HookBinding(targets: [NamePattern("x*")]),
    HookBinding(methods: [.readResource]),
  ]
  for binding in bindings {
    let station = try station(.before, runner, binding: binding)
    #expect(try await station.before(call()).word == "notConcerned")
  }
  let late = try station(.after, runner)
  #expect(try await late.before(call()).word == "notConcerned")
  #expect(runner.messages.isEmpty)
}

@Test func theResultOfATaskIsShownLikeAnyOther() async throws {
  let station = try station(.after, Scripted { _ in #"{"decision":"deny"}"# })
  await #expect(throws: Refusal.self) {
    try await station.after(result(fine), of: call(method: .taskResult))
  }
}

// MARK: What a hook may say

@Test(arguments: [
  "", " ", "\n", "\r\n\t", #"{"decision":"allow"}"#, #"{"decision":"allow","reason":"ok"}"#,
])
func silenceAndAllowGoOn(_ answer: String) async throws {
  #expect(try await before(answer).word == "pass")
  #expect(try await after(answer).word == "pass")
}

@Test func aResultBeforeACallIsTheAnswer() async throws {
  #expect(try await before(fine).answered?.text.description == fine)
}

@Test func aResultWithoutContentGetsAnEmptyOne() async throws {
  #expect(
    try await before(#"{"isError":true}"#).answered?.text.description
      == #"{"isError":true,"content":[]}"#)
}

@Test func aResultAfterACallReplacesIt() async throws {
  let other = #"{"content":[{"type":"text","text":"other"}]}"#
  #expect(try await after(other).subject?.text.description == other)
}

@Test func aHookThatRepeatsItsInputChangesNothing() async throws {
  let verdict = try await station(.after, Scripted { $0.description })
    .after(result(fine), of: call())
  #expect(verdict.subject?.text.description == fine)
}

@Test(arguments: [
  (#"{"decision":"deny"}"#, "hook h denied the call"),
  (#"{"decision":"deny","reason":""}"#, "hook h denied the call"),
  (#"{"decision":"deny","reason":"not\non sundays"}"#, "hook h denied the call: not\\non sundays"),
  (
    #"{"decision":"deny","reason":"\#(secret)"}"#,
    "hook h denied the call; its reason holds a secret"
  ),
])
func aDenialIsARefusalThatNamesTheHook(_ answer: String, _ message: String) async throws {
  let refusal = await #expect(throws: Refusal.self) { try await before(answer) }
  #expect(refusal == Refusal(.policyDenied, rule: "h", message: message))
}

@Test func modifyingACallChangesItsArgumentsOnly() async throws {
  let verdict = try await before(#"{"decision":"modify","arguments":{"q":"y"}}"#)
  #expect(verdict.subject?.params.description == #"{"name":"t","arguments":{"q":"y"}}"#)
}

@Test func modifyingAResultReplacesIt() async throws {
  let verdict = try await after(#"{"decision":"modify","result":\#(fine)}"#, #"{"content":[]}"#)
  #expect(verdict.subject?.text.description == fine)
}

@Test(arguments: ["arguments.a.k", "$.params.arguments.a.k", "params.arguments['a'][\"k\"]"])
func redactingACallReplacesArguments(_ path: String) async throws {
  let answer = JSONText(object: [
    ("decision", JSONText(string: "redact")),
    ("paths", JSONText(array: [JSONText(string: path)])),
  ])
  let verdict = try await before(answer.description, #"{"a":{"k":[1],"l":2}}"#)
  #expect(
    verdict.subject?.arguments.description == #"{"a":{"k":"[redacted]","l":2}}"#)
}

@Test func redactingAResultReplacesWhatIsNamed() async throws {
  let verdict = try await after(
    #"{"decision":"redact","paths":["content[*].text","_meta"],"replacement":null}"#,
    #"{"content":[{"type":"text","text":"a"},{"type":"text","text":"b"}],"_meta":{"x":1}}"#)
  #expect(
    verdict.subject?.text.description
      == #"{"content":[{"type":"text","text":null},{"type":"text","text":null}],"_meta":null}"#)
}

// MARK: What is no answer

private let noAnswers = [
  "x", "{", "null", "[]", "true", "\"deny\"", "{}", #"{"foo":1}"#, #"{"a":1,"a":2}"#, fine + fine,
  #"{"content":{}}"#, #"{"content":["x"]}"#, #"{"content":[{"text":"x"}]}"#, "\u{0}",
  #"{"decision":"maybe"}"#, #"{"decision":"Allow"}"#, #"{"decision":true}"#, #"{"decision":null}"#,
  #"{"decision":"allow","content":[]}"#, #"{"decision":"deny","resaon":"x"}"#,
  #"{"decision":"deny","reason":1}"#, #"{"decision":"modify"}"#,
  #"{"decision":"redact"}"#, #"{"decision":"redact","paths":[]}"#,
  #"{"decision":"redact","paths":[1]}"#, #"{"decision":"redact","paths":"content"}"#,
  #"{"decision":"redact","paths":["content["]}"#, #"{"decision":"redact","paths":["$"]}"#,
  #"{"decision":"redact","paths":["nothing.here"]}"#,
  #"{"decision":"redact","paths":[\#(Array(repeating: "\"content[*]\"", count: 257).joined(separator: ","))]}"#,
]

@Test(
  arguments: noAnswers + [
    #"{"decision":"modify","arguments":[]}"#, #"{"decision":"modify","result":\#(fine)}"#,
    #"{"decision":"modify","arguments":{},"params":{"name":"other"}}"#,
    #"{"decision":"redact","paths":["name"]}"#, #"{"decision":"redact","paths":["params"]}"#,
    #"{"decision":"redact","paths":["arguments"]}"#,
    #"{"method":"tools/call","params":{"name":"other","arguments":{}}}"#,
  ])
func whatIsNoAnswerRefusesTheCall(_ answer: String) async throws {
  let refusal = await #expect(throws: Refusal.self) { try await before(answer) }
  #expect(refusal?.code == .interceptorFailed)
  #expect(refusal?.rule == "h")
  #expect(refusal?.message.hasPrefix("hook h gave no usable answer: ") == true)
}

@Test(
  arguments: noAnswers + [
    #"{"decision":"modify","arguments":{}}"#, #"{"decision":"modify","result":[]}"#,
    #"{"decision":"modify","result":{}}"#,
  ])
func whatIsNoAnswerWithholdsTheResult(_ answer: String) async throws {
  let refusal = await #expect(throws: Refusal.self) { try await after(answer) }
  #expect(refusal?.code == .interceptorFailed)
}

@Test func anAnswerThatIsTooLargeIsNone() async throws {
  let large = #"{"content":[{"type":"text","text":"\#(String(repeating: "x", count: 4 << 20))"}]}"#
  let refusal = await #expect(throws: Refusal.self) { try await before(large) }
  #expect(
    refusal?.message == "hook h answered with more than 4194304 bytes, so the call was refused")
}

// MARK: Failures

@Test(arguments: HookFailure.Kind.allCases)
func everyFailureRefusesTheCallWithItsReason(_ kind: HookFailure.Kind) async throws {
  let failing = Scripted { _ throws(HookFailure) in
    throw HookFailure(kind, "did it wrong", detail: "inner words")
  }
  let expected = Refusal(
    .interceptorFailed, rule: "h", message: "hook h did it wrong, so the call was refused")
  await #expect(throws: expected) { try await station(.before, failing).before(call()) }
  await #expect(throws: expected) {
    try await station(.after, failing).after(result(fine), of: call())
  }
}

@Test(arguments: HookFailure.Kind.allCases)
func aFailureLetsTheCallThroughOnlyWhereTheOperatorSaysSo(_ kind: HookFailure.Kind) async throws {
  let failing = Scripted { _ throws(HookFailure) in throw HookFailure(kind, "did it wrong") }
  let station = try station(.before, failing, onError: .allow)
  guard kind != .cancelled else {
    await #expect(throws: Refusal.self) { try await station.before(call()) }
    return
  }
  #expect(try await station.before(call()).word == "unjudged")
}

@Test func aDenialIsNoFailure() async throws {
  let station = try station(
    .before, Scripted { _ in #"{"decision":"deny"}"# }, onError: .allow)
  await #expect(throws: Refusal.self) { try await station.before(call()) }
}

// MARK: Secrets

@Test func aHookSeesAPlaceholderForASecretAndIsToldWhere() async throws {
  let runner = Scripted { _ in "" }
  let verdict = try await station(.before, runner).before(call(#"{"q":"-\#(secret)-","r":1}"#))
  let message = try #require(runner.messages.first)
  #expect(!message.description.contains(secret))
  #expect(
    message["params"]?["arguments"]?.description == #"{"q":"[redacted: exact:db]","r":1}"#)
  #expect(message["redacted"]?.description == #"["params.arguments.q"]"#)
  #expect(verdict.word == "pass")
}

@Test func theArgumentsOfAResultsCallAreRedactedAsWell() async throws {
  let runner = Scripted { _ in "" }
  _ = try await station(.after, runner).after(
    result(#"{"content":[{"type":"text","text":"\#(secret)"}]}"#), of: call(#"{"q":"\#(secret)"}"#))
  #expect(runner.messages.first?.description.contains(secret) == false)
}

@Test func aHookThatIsGrantedSecretsSeesThem() async throws {
  let runner = Scripted { _ in "" }
  _ = try await station(.before, runner, seesSecrets: true).before(call(#"{"q":"\#(secret)"}"#))
  #expect(runner.messages.first?.description.contains(secret) == true)
}

@Test func aSecretComesBackWhereAHookLeftItsPlaceholder() async throws {
  let runner = Scripted { message in
    let arguments = message["params"]?["arguments"] ?? .null
    let changed = arguments.setting("r", to: JSONText(2)).setting("s", to: arguments["q"])
    return #"{"decision":"modify","arguments":\#(changed)}"#
  }
  let verdict = try await station(.before, runner).before(call(#"{"q":"\#(secret)","r":1}"#))
  #expect(
    verdict.subject?.arguments.description
      == #"{"q":"\#(secret)","r":2,"s":"[redacted: exact:db]"}"#)
}

@Test func aResultThatAHookRepeatsKeepsItsSecrets() async throws {
  let text = #"{"content":[{"type":"text","text":"\#(secret)"}]}"#
  let verdict = try await station(.after, Scripted { $0.description })
    .after(result(text), of: call())
  #expect(verdict.subject?.text.description == text)
}

@Test func whatCannotBeFreedOfSecretsIsShownToNoHook() async throws {
  let runner = Scripted { _ in "" }
  let refusal = await #expect(throws: Refusal.self) {
    try await station(.before, runner).before(call(#"{"\#(secret)":1}"#))
  }
  #expect(refusal?.code == .interceptorFailed)
  #expect(refusal?.message.contains(secret) == false)
  #expect(runner.messages.isEmpty)
}

// MARK: Errors of servers

private let failed = RPCError(code: -32050, message: "no", data: JSONText(string: "why"))

private func afterError(_ answer: String) async throws -> Verdict<RPCError> {
  try await station(.after, Scripted { _ in answer }).after(failed, of: call())
}

@Test func aHookAfterACallSeesAnErrorInPlaceOfAResult() async throws {
  let runner = Scripted { $0.description }
  let verdict = try await station(.after, runner).after(failed, of: call())
  #expect(
    runner.messages.first?["error"]?.description
      == #"{"code":-32050,"message":"no","data":"why"}"#)
  #expect(runner.messages.first?["request"] != nil)
  #expect(verdict.word == "pass")
}

@Test func aHookThatPrintsTheErrorWithChangesChangesIt() async throws {
  let runner = Scripted { message in
    message.setting(
      "error",
      to: JSONText(object: [("code", JSONText(-32050)), ("message", JSONText(string: "-"))])
    ).description
  }
  let verdict = try await station(.after, runner).after(failed, of: call())
  #expect(verdict.subject == RPCError(code: -32050, message: "-"))
}

@Test func aHookMayHideChangeOrDenyAnError() async throws {
  #expect(try await afterError("").word == "pass")
  #expect(try await afterError(fine).answered?.text.description == fine)
  let redacted = try await afterError(
    #"{"decision":"redact","paths":["error.message","error.data"]}"#)
  #expect(
    redacted.subject
      == RPCError(code: -32050, message: "[redacted]", data: JSONText(string: "[redacted]")))
  let refusal = await #expect(throws: Refusal.self) {
    try await afterError(#"{"decision":"deny","reason":"quiet"}"#)
  }
  #expect(refusal?.message == "hook h denied the error: quiet")
}

@Test(arguments: [
  "x", "null", "{}", #"{"decision":"redact","paths":["error"]}"#,
  #"{"decision":"redact","paths":["error.code"]}"#, #"{"error":1,"decision":"allow"}"#,
])
func whatIsNoAnswerWithholdsTheError(_ answer: String) async throws {
  let refusal = await #expect(throws: Refusal.self) { try await afterError(answer) }
  #expect(refusal?.code == .interceptorFailed)
}

// MARK: Whose answer it is

@Test func anAnswerThatNamesAnotherCallIsNone() async throws {
  let mine = #"{"decision":"allow","callId":"1"}"#
  #expect(try await before(mine).word == "pass")
  for other in [#"{"decision":"allow","callId":"2"}"#, #"{"content":[],"callId":1}"#] {
    let refusal = await #expect(throws: Refusal.self) { try await before(other) }
    #expect(refusal?.message.contains("it is about another call") == true)
  }
}
