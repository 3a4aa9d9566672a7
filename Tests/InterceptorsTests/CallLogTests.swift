import Synchronization
import Testing
import Wire

@testable import Interceptors

private final class Lines: Sendable {
  private let lines = Mutex<[String]>([])
  var all: [String] { lines.withLock { $0 } }
  func add(_ line: String) { lines.withLock { $0.append(line) } }
}

private func result(bytes: Int) -> CallResult {
  CallResult(JSONText(string: String(repeating: "x", count: bytes - 2)))
}

private func logged(_ outcome: CallOutcome, target: String = "search") throws -> [String] {
  let lines = Lines()
  let log = CallLog { lines.add($0) }
  let call = Call(
    id: "ab-1", caller: Caller(identity: "local", session: "s", clientName: "c"), server: "notes",
    method: .callTool, target: target,
    params: try JSONText(validating: #"{"name":"x","arguments":{"q":"private words","n":3}}"#))
  log.began(call)
  log.ended(call, CallTrail(lasting: .microseconds(1_500)), outcome)
  return lines.all
}

@Test func aCallIsOneLineWithShapeAndDurationAndNoValue() throws {
  let lines = try logged(.succeeded(result(bytes: 120)))
  #expect(
    lines == [
      "  > tool notes/search [ab-1] with {q: string(13), n: integer} took 1.5 ms, 120 bytes"
    ])
}

@Test(arguments: [
  (CallOutcome.toolFailed(result(bytes: 9)), "reported an error"),
  (.refused(Refusal(.secretFound, message: "no")), "secret_found"),
  (.failed(Fault(.timeout, from: .server, "late")), "timeout: late"),
  (.serverError(RPCError.invalidParams("no")), "error -32602"),
])
func aCallThatDidNotSucceedIsMarked(outcome: CallOutcome, words: String) throws {
  let line = try #require(try logged(outcome).first)
  #expect(line.hasPrefix("  ! "))
  #expect(line.contains(words))
  #expect(!line.contains("private words"))
}

@Test func aNameCannotForgeALine() throws {
  let line = try #require(try logged(.succeeded(result(bytes: 3)), target: "x\n  > tool y").first)
  #expect(!line.contains("\n"))
}
