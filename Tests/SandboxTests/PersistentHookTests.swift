import Foundation
import Interceptors
import Testing
import Wire

@testable import Sandbox

/// Answers each line with a count and what the line says; obeys some words.
private let program = """
  import sys, time, os
  n = 0
  for line in sys.stdin:
      n += 1
      if 'hang' in line: time.sleep(1000)
      if 'die' in line: os._exit(7)
      if 'twice' in line: print(1)
      if 'flood' in line: print('x' * (5 << 20), end='')
      if 'close' in line: os.close(1); time.sleep(1000)
      if 'deaf' in line: os.close(0); time.sleep(1000)
      if 'complain' in line: print('complaint', file=sys.stderr, flush=True)
      if 'silent' in line: print()
      else: print('%d %d %s' % (os.getpid(), n, line.strip()))
      sys.stdout.flush()
  """

extension Workbench {
  fileprivate func persistent(_ text: String = program) throws -> any HookRunner {
    let script = try write("hook.py", text)
    return try runner("python3 \(script)", persistent: true)
  }
}

extension String {
  fileprivate var process: Substring { split(separator: " ").first ?? "" }
  fileprivate var rest: String { split(separator: " ").dropFirst().joined(separator: " ") }
}

@Suite(.serialized) struct PersistentHookTests {
  @Test func oneProcessJudgesManyCalls() async throws {
    let runner = try Workbench().persistent()
    var processes: Set<Substring> = []
    for number in 1...50 {
      let answer = try await runner.ask("{\"n\":\(number)}")
      #expect(answer.rest == "\(number) {\"n\":\(number)}")
      processes.insert(answer.process)
    }
    #expect(processes.count == 1)
    await runner.close()
  }

  @Test func anEmptyLineSaysNothing() async throws {
    let runner = try Workbench().persistent()
    #expect(try await runner.ask(#"{"a":"silent"}"#) == "")
    await runner.close()
  }

  @Test func callsOfManyTasksStandInLineAndGetTheirOwnAnswers() async throws {
    let runner = try Workbench().persistent()
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for number in 0..<200 {
        group.addTask { try await runner.ask("{\"n\":\(number)}").hasSuffix(" {\"n\":\(number)}") }
      }
      for try await isRight in group { #expect(isRight) }
    }
    await runner.close()
  }

  @Test(arguments: [
    ("die", HookFailure.Kind.ended, "ended with exit status 7 before it answered"),
    ("hang", .timeout, "did not answer in time"),
    ("deaf", .timeout, "did not answer in time"),
    ("twice", .invalidOutput, "gave no usable answer: it wrote more than one line for one call"),
    ("flood", .outputTooLarge, "answered with more than 4194304 bytes"),
    ("close", .ended, "closed its output before it answered"),
  ])
  func aFailureIsToldAndTheNextCallGetsANewProcess(
    _ word: String, _ kind: HookFailure.Kind, _ reason: String
  ) async throws {
    let bench = try Workbench()
    let runner = try bench.persistent()
    let first = try await runner.ask("{}").process
    let failure = await #expect(throws: HookFailure.self) {
      try await runner.ask("{\"a\":\"\(word)\"}", within: .seconds(kind == .timeout ? 1 : 20))
    }
    #expect(failure?.kind == kind)
    #expect(failure?.reason == reason)
    let next = try await runner.ask("{}")
    #expect(next.rest == "1 {}")
    #expect(next.process != first)
    await runner.close()
    #expect(processes(mentioning: bench.folder) == [])
  }

  @Test func oneCallsTimeIsNotAnothers() async throws {
    let runner = try Workbench().persistent()
    _ = try await runner.ask("{}")
    let slow = Task { try await runner.ask(#"{"a":"hang"}"#, within: .seconds(2)) }
    try await Task.sleep(for: .milliseconds(100))
    let waiting = Task { try await runner.ask(#"{"a":"next"}"#, within: .seconds(20)) }
    await #expect(throws: HookFailure.timeout) { try await slow.value }
    #expect(try await waiting.value.rest == #"1 {"a":"next"}"#)
    await runner.close()
  }

  @Test func aProcessThatEndsBetweenCallsIsReplaced() async throws {
    let bench = try Workbench()
    let runner = try bench.persistent("import sys; print(sys.stdin.readline().strip(), flush=True)")
    #expect(try await runner.ask("{}") == "{}")
    // It may be noticed only when it is asked again: then that call is the one that fails, closed.
    var answers = 0
    for _ in 0..<10 where (try? await runner.ask("{}")) != nil { answers += 1 }
    #expect(answers > 0)
    await runner.close()
  }

  @Test func aHookThatSpeaksUnaskedIsStartedAgain() async throws {
    let bench = try Workbench()
    let runner = try bench.persistent(
      """
      import sys, time
      for line in sys.stdin:
          print('{}', flush=True)
          time.sleep(0.3)
          print('{"decision":"allow"}', flush=True)
      """)
    #expect(try await runner.ask("{}") == "{}")
    #expect(
      try await bench.eventually {
        bench.log.contains { $0.contains("without having been asked") }
      })
    #expect(try await runner.ask("{}") == "{}")
    await runner.close()
  }

  @Test func whatItComplainsOfIsLogged() async throws {
    let bench = try Workbench()
    let runner = try bench.persistent()
    _ = try await runner.ask(#"{"a":"complain"}"#)
    #expect(try await bench.eventually { bench.log.contains("complaint") })
    await runner.close()
  }

  @Test func aWithdrawnCallLeavesTheOthersInStep() async throws {
    let runner = try Workbench().persistent(
      """
      import sys, time
      for line in sys.stdin:
          if 'slow' in line: time.sleep(0.5)
          print(line.strip(), flush=True)
      """)
    _ = try await runner.ask("{}")
    let slow = Task { try await runner.ask(#"{"a":"slow"}"#) }
    try await Task.sleep(for: .milliseconds(100))
    let waiting = Task { try await runner.ask(#"{"a":"waiting"}"#) }
    let last = Task { try await runner.ask(#"{"a":"last"}"#) }
    slow.cancel()
    waiting.cancel()
    await #expect(throws: HookFailure.cancelled) { try await slow.value }
    await #expect(throws: HookFailure.cancelled) { try await waiting.value }
    #expect(try await last.value == #"{"a":"last"}"#)
    await runner.close()
  }

  @Test func largeMessagesAndAnswersArriveWhole() async throws {
    let runner = try Workbench().persistent(
      "import sys\nfor line in sys.stdin: print(line.strip(), flush=True)")
    let large = "{\"a\":\"\(String(repeating: "x", count: 3 << 20))\"}"
    for _ in 0..<3 { #expect(try await runner.ask(large) == large) }
    await runner.close()
  }

  @Test func moreCallsThanTheLineHoldsAreRefused() async throws {
    let bench = try Workbench()
    let runner = try bench.persistent("import time; time.sleep(1000)")
    let kinds = await withTaskGroup(of: HookFailure.Kind?.self) { group in
      for _ in 0..<(PersistentLine.mostWaiting + 20) {
        group.addTask {
          do {
            _ = try await runner.ask("{}", within: .seconds(3))
            return nil
          } catch { return (error as? HookFailure)?.kind }
        }
      }
      return await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }
    #expect((kinds[.busy] ?? 0) >= 19)
    #expect(
      kinds[.busy, default: 0] + kinds[.timeout, default: 0] == PersistentLine.mostWaiting + 20)
    await runner.close()
  }

  @Test func aProgramThatCannotBeStartedFailsItsCallsOnly() async throws {
    let bench = try Workbench()
    let runner = try bench.runner("exit 4", persistent: true)
    for _ in 0..<3 {
      let failure = await #expect(throws: HookFailure.self) { try await runner.ask("{}") }
      #expect(failure?.kind == .ended)
    }
    await runner.close()
  }
}
