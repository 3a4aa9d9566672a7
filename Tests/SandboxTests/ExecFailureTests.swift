import Foundation
import Interceptors
import Testing
import Wire

@testable import Sandbox

/// One way in which a program fails its call.
struct FailureRow: Sendable, CustomTestStringConvertible {
  let name: String
  let line: String
  let kind: HookFailure.Kind
  let reason: String
  var message = "{}"
  var testDescription: String { name }
}

/// A word by which what a hook leaves behind is found.
private let mark = "31557600.5"

private let rows = [
  FailureRow(name: "exit 1", line: "exit 1", kind: .exitStatus, reason: "ended with exit status 1"),
  FailureRow(
    name: "answers, then exit 3", line: "echo '{\"decision\":\"allow\"}'; exit 3",
    kind: .exitStatus,
    reason: "ended with exit status 3"),
  FailureRow(
    name: "no such program", line: "no-such-program-here", kind: .exitStatus,
    reason: "ended with exit status 127"),
  FailureRow(
    name: "no program file", line: "/etc/hostname", kind: .exitStatus,
    reason: "ended with exit status 126"),
  FailureRow(
    name: "syntax error", line: "if then", kind: .exitStatus, reason: "ended with exit status 2"),
  FailureRow(
    name: "kills itself", line: "kill -9 $$", kind: .killed, reason: "was ended by signal 9"),
  FailureRow(
    name: "terminates itself", line: "kill -TERM $$", kind: .killed,
    reason: "was ended by signal 15"),
  FailureRow(
    name: "crashes", line: "kill -SEGV $$", kind: .killed, reason: "was ended by signal 11"),
  FailureRow(
    name: "hangs", line: "sleep \(mark)", kind: .timeout, reason: "did not answer in time"),
  FailureRow(
    name: "hangs, deaf to signals", line: "trap '' TERM INT HUP; sleep \(mark); sleep \(mark)",
    kind: .timeout, reason: "did not answer in time"),
  FailureRow(
    name: "answers, then hangs", line: "echo '{\"decision\":\"allow\"}'; exec sleep \(mark)",
    kind: .timeout, reason: "did not answer in time"),
  FailureRow(
    name: "closes its output, then hangs", line: "exec >&- 2>&-; sleep \(mark)", kind: .timeout,
    reason: "did not answer in time"),
  FailureRow(
    name: "closes its input, then hangs", line: "exec <&-; sleep \(mark)", kind: .timeout,
    reason: "did not answer in time"),
  FailureRow(
    name: "reads nothing of a large message and hangs", line: "sleep \(mark)", kind: .timeout,
    reason: "did not answer in time",
    message: "{\"a\":\"\(String(repeating: "x", count: 2 << 20))\"}"),
  FailureRow(
    name: "stops itself", line: "kill -STOP $$; sleep \(mark)", kind: .timeout,
    reason: "did not answer in time"),
  FailureRow(
    name: "forks children and hangs", line: "for i in 1 2 3 4 5; do sleep \(mark) & done; wait",
    kind: .timeout, reason: "did not answer in time"),
  FailureRow(
    name: "daemons that leave group and session",
    line: "for i in 1 2 3 4 5; do setsid sh -c 'setsid sleep \(mark) & exit' & done; sleep \(mark)",
    kind: .timeout, reason: "did not answer in time"),
  FailureRow(
    name: "never stops answering", line: "yes", kind: .outputTooLarge,
    reason: "answered with more than 4194304 bytes"),
  FailureRow(
    name: "never stops answering zeros", line: "cat /dev/zero", kind: .outputTooLarge,
    reason: "answered with more than 4194304 bytes"),
  FailureRow(
    name: "never stops complaining", line: "yes >&2", kind: .timeout,
    reason: "did not answer in time"),
  FailureRow(
    name: "uses up its processor time",
    line: "ulimit -t 1; while :; do :; done", kind: .killed, reason: "was ended by signal 9"),
  FailureRow(
    name: "wants too much memory",
    line: "python3 -c 'x = bytearray(2 << 30)' 2>/dev/null", kind: .exitStatus,
    reason: "ended with exit status 1"),
]

@Suite(.serialized) struct ExecFailureTests {
  @Test(arguments: rows)
  func aFailureIsToldAndLeavesNothingRunning(_ row: FailureRow) async throws {
    let bench = try Workbench()
    let limit: Duration = row.kind == .timeout ? .seconds(1) : .seconds(20)
    let runner = try bench.runner(row.line)
    let start = ContinuousClock.now
    let failure = await #expect(throws: HookFailure.self) {
      try await runner.ask(row.message, within: limit)
    }
    #expect(failure?.kind == row.kind)
    #expect(failure?.reason == row.reason)
    #expect(ContinuousClock.now - start < limit + .seconds(5))
    #expect(programs(mentioning: mark) == [])
    await runner.close()
    #expect(processes(mentioning: mark) == [])
    #expect(zombies() == [])
  }

  @Test func aHookThatFailsOnceIsAskedAgain() async throws {
    let bench = try Workbench()
    let runner = try bench.runner(
      "read x; case $x in *hang*) sleep \(mark);; *die*) kill -9 $$;; esac; echo fine")
    await #expect(throws: HookFailure.timeout) {
      try await runner.ask(#"{"a":"hang"}"#, within: .seconds(1))
    }
    await #expect(throws: HookFailure.killed(bySignal: 9)) {
      try await runner.ask(#"{"a":"die"}"#)
    }
    #expect(try await runner.ask("{}") == "fine\n")
    await runner.close()
  }

  @Test func oneCallThatHangsDisturbsNoOther() async throws {
    let bench = try Workbench()
    let runner = try bench.runner("read x; case $x in *hang*) sleep \(mark);; esac; echo fine")
    try await withThrowingTaskGroup(of: String.self) { group in
      for number in 0..<8 {
        group.addTask {
          do {
            return try await runner.ask(
              number % 2 == 0 ? #"{"a":"hang"}"# : "{}",
              within: number % 2 == 0 ? .seconds(2) : .seconds(20))
          } catch { return "\((error as? HookFailure)?.kind.rawValue ?? "?")" }
        }
      }
      let answers = try await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
      #expect(answers == ["fine\n": 4, "timeout": 4])
    }
    await runner.close()
    #expect(processes(mentioning: mark) == [])
  }

  @Test func runsOfManyCallsGoOnBesideEachOther() async throws {
    let bench = try Workbench()
    let runner = try bench.runner(
      "read x; echo in >>\(bench.path("work"))/in; while [ $(wc -l <\(bench.path("work"))/in) -lt 12 ]; "
        + "do sleep 0.05; done; echo fine",
      grants: HookGrants(
        readablePaths: [bench.folder], writablePaths: [bench.path("work")]))
    try FileManager.default.createDirectory(
      atPath: bench.path("work"), withIntermediateDirectories: true)
    // Each waits until all have begun.
    try await withThrowingTaskGroup(of: String.self) { group in
      for _ in 0..<12 { group.addTask { try await runner.ask("{}") } }
      for try await answer in group { #expect(answer == "fine\n") }
    }
    await runner.close()
  }

  @Test func whatAHookLeavesInTheBackgroundEndsWithIt() async throws {
    let bench = try Workbench()
    #expect(try await bench.run("setsid sleep \(mark) & sleep \(mark) & echo fine") == "fine\n")
    #expect(processes(mentioning: mark) == [])
  }

  @Test func aCallThatIsWithdrawnEndsItsHook() async throws {
    let bench = try Workbench()
    let runner = try bench.runner("echo started >&2; sleep \(mark)")
    let call = Task { try await runner.ask("{}") }
    #expect(try await bench.eventually { bench.log.contains("started") })
    call.cancel()
    await #expect(throws: HookFailure.cancelled) { try await call.value }
    #expect(programs(mentioning: mark) == [])
    await runner.close()
    #expect(processes(mentioning: mark) == [])
  }

  @Test func closingEndsWhatRuns() async throws {
    let bench = try Workbench()
    let runner = try bench.runner("echo started >&2; sleep \(mark)")
    let call = Task { try await runner.ask("{}") }
    #expect(try await bench.eventually { bench.log.contains("started") })
    await runner.close()
    await #expect(throws: HookFailure.self) { try await call.value }
    #expect(processes(mentioning: mark) == [])
    await #expect(throws: HookFailure.self) { try await runner.ask("{}") }
  }

  @Test func aRunnerThatNobodyHoldsEndsItsProcesses() async throws {
    let bench = try Workbench()
    do {
      let runner = try bench.runner("cat; true \(bench.folder)", persistent: true)
      #expect(try await runner.ask("{}") == "{}")
      #expect(!processes(mentioning: bench.folder).isEmpty)
    }
    #expect(try await bench.eventually { processes(mentioning: bench.folder).isEmpty })
  }

  @Test func aBombOfProcessesIsEnded() async throws {
    let bench = try Workbench()
    let failure = await #expect(throws: HookFailure.self) {
      try await bench.run(
        "i=0; while [ $i -lt 600 ]; do setsid sleep \(mark) & i=$((i+1)); done; wait")
    }
    #expect(failure?.reason.contains("more than 256 processes") == true)
    #expect(processes(mentioning: mark) == [])
  }

  /// A thread's children are its own, and its children's threads have others.
  @Test func aBombOfThreadsIsEndedAsWell() async throws {
    let bench = try Workbench()
    let program = """
      import os, threading, time
      def breed(depth):
          for _ in range(20):
              if os.fork() == 0:
                  if depth: threading.Thread(target=breed, args=(depth - 1,)).start()
                  time.sleep(600)
                  os._exit(0)
          time.sleep(600)
      threading.Thread(target=breed, args=(1,)).start()
      time.sleep(600)
      """
    try program.write(
      toFile: bench.folder + "/\(mark).py", atomically: true, encoding: .utf8)
    let failure = await #expect(throws: HookFailure.self) {
      try await bench.run("python3 \(bench.folder)/\(mark).py")
    }
    #expect(failure?.reason.contains("more than 256 processes") == true)
    #expect(processes(mentioning: mark) == [])
  }

  @Test func aProgramNeedNotReadWhatItIsShown() async throws {
    let large = "{\"a\":\"\(String(repeating: "x", count: 2 << 20))\"}"
    #expect(try await Workbench().run("exec <&-; echo fine", message: large) == "fine\n")
    #expect(try await Workbench().run("true", message: large) == "")
  }

  @Test func largeMessagesAndAnswersArriveWhole() async throws {
    let large = "{\"a\":\"\(String(repeating: "x", count: 3 << 20))\"}"
    #expect(try await Workbench().run("cat", message: large) == large + "\n")
  }

  @Test func moreCallsThanTurnsWaitInLine() async throws {
    let bench = try Workbench()
    let runner = try bench.runner("read x; sleep 0.05; echo $x")
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for number in 0..<60 {
        group.addTask { try await runner.ask("{\"n\":\(number)}") == "{\"n\":\(number)}\n" }
      }
      for try await isRight in group { #expect(isRight) }
    }
    await runner.close()
  }

  @Test func theDescriptorsOfARunAreGivenBack() async throws {
    let bench = try Workbench()
    let runner = try bench.runner("cat")
    _ = try await runner.ask("{}")
    let before = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
    for _ in 0..<50 { _ = try await runner.ask("{}") }
    await #expect(throws: HookFailure.self) {
      try await bench.run("sleep \(mark)", timeout: .milliseconds(300))
    }
    let after = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
    #expect(after <= before + 8)
    await runner.close()
  }
}
