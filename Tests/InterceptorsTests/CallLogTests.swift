import Interceptors
import Synchronization
import Testing
import Wire

private final class Lines: Sendable {
  private let lines = Mutex<[String]>([])
  var all: [String] { lines.withLock { $0 } }
  func add(_ line: String) { lines.withLock { $0.append(line) } }
}

private func logged(_ outcome: CallOutcome, target: String = "search") throws -> [String] {
  let lines = Lines()
  let log = CallLog { lines.add($0) }
  let call = Call(
    id: "ab-1", caller: Caller(identity: "local", session: "s", clientName: "c"), server: "notes",
    method: .callTool, target: target,
    params: try JSONText(validating: #"{"name":"x","arguments":{"q":"private words","n":3}}"#))
  log.began(call)
  log.ended(call, outcome, after: .microseconds(1_500))
  return lines.all
}

@Test func aCallIsOneLineWithShapeAndDurationAndNoValue() throws {
  let lines = try logged(.succeeded(bytes: 120))
  #expect(
    lines == [
      "  > tool notes/search [ab-1] with {q: string(13), n: integer} took 1.5 ms, 120 bytes"
    ])
}

@Test(arguments: [
  (CallOutcome.toolFailed(bytes: 9), "reported an error"),
  (.refused(Refusal(.secretFound, message: "no")), "secret_found"),
  (.failed(Fault(.timeout, from: .server, "late")), "timeout: late"),
  (.serverError(code: -32602), "error -32602"),
])
func aCallThatDidNotSucceedIsMarked(outcome: CallOutcome, words: String) throws {
  let line = try #require(try logged(outcome).first)
  #expect(line.hasPrefix("  ! "))
  #expect(line.contains(words))
  #expect(!line.contains("private words"))
}

@Test func aNameCannotForgeALine() throws {
  let line = try #require(try logged(.succeeded(bytes: 1), target: "x\n  > tool y").first)
  #expect(!line.contains("\n"))
}
