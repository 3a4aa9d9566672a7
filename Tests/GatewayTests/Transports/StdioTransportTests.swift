import Foundation
import Testing
import Wire

@testable import Gateway

@Suite(.timeLimit(.minutes(1))) struct StdioTransportTests {
  @Test(arguments: [true, false])
  func aBatchIsAnsweredByOneLineWhereItIsAccepted(isAccepted: Bool) async throws {
    let probe = StdioProbe(session: ScriptedSession(acceptsBatches: isAccepted))
    let ping = #"{"jsonrpc":"2.0","id":1,"method":"fast"}"#
    let slow = #"{"jsonrpc":"2.0","id":2,"method":"slow","params":{"ms":10}}"#
    probe.send(#"[{"jsonrpc":"2.0","method":"notifications/x"}]"# + "\n")
    probe.send("[\(ping),\(slow)]\n")
    let lines = await probe.lines(isAccepted ? 1 : 2)
    if isAccepted {
      #expect(lines.count == 1)
      #expect(lines.first?.hasPrefix("[") == true)
      #expect(try JSONText(validating: lines.first ?? "").elements.count == 2)
    } else {
      #expect(lines.allSatisfy { $0.contains("-32600") })
    }
    _ = await probe.finish()
  }

  @Test func aMalformedResponseIsNotAnswered() async {
    let probe = StdioProbe()
    probe.send(#"{"jsonrpc":"2.0","id":1,"result":{},"error":{}}"# + "\n")
    probe.request(2, "fast")
    let lines = await probe.lines(1)
    #expect(lines.first?.contains(#""id":2"#) == true)
    _ = await probe.finish()
  }

  @Test func aRequestIsAnsweredOnOneLine() async {
    let probe = StdioProbe()
    probe.request(7, "fast")
    #expect(await probe.lines(1) == [#"{"jsonrpc":"2.0","id":7,"result":{}}"#])
    #expect(await probe.finish() == .endOfInput)
    #expect(probe.session.isEnded)
  }

  @Test(arguments: [
    ("not json", -32700, "null"),
    (#"{"jsonrpc":"2.0","id":3"#, -32700, "null"),
    ("\u{0}\u{1}", -32700, "null"),
    ("[]", -32600, "null"),
    (#"[{"jsonrpc":"2.0","id":3,"method":"fast"}]"#, -32600, "null"),
    ("1", -32600, "null"),
    (#"{"jsonrpc":"1.0","id":3,"method":"fast"}"#, -32600, "3"),
    (#"{"jsonrpc":"2.0","id":"s","method":5}"#, -32600, #""s""#),
    (#"{"jsonrpc":"2.0","id":1.5,"method":"fast"}"#, -32600, "null"),
    (#"{"jsonrpc":"2.0","id":3,"id":4,"method":"fast"}"#, -32600, "null"),
    (#"{"jsonrpc":"2.0","id":3,"method":"fast","params":[]}"#, -32602, "3"),
    (#"{"jsonrpc":"2.0","id":3,"method":"nothing/such"}"#, -32601, "3"),
    (String(repeating: "[", count: 200), -32600, "null"),
    (
      #"{"jsonrpc":"2.0","id":3,"method":"too-long-for-this-limit-\#(String(repeating: "x", count: 500))"}"#,
      -32600, "null"
    ),
  ])
  func aBadLineIsAnsweredAndTheConnectionStays(line: String, code: Int, id: String) async throws {
    let probe = StdioProbe { $0.messageLimit = 500 }
    probe.send(line + "\n")
    probe.request(99, "fast")
    let lines = await probe.lines(2)
    let answer = try JSONText(validating: try #require(lines.first))
    #expect(answer["error"]?["code"]?.int == code)
    #expect(answer["id"]?.description == id)
    #expect(lines.last == #"{"jsonrpc":"2.0","id":99,"result":{}}"#)
    #expect(await probe.finish() == .endOfInput)
  }

  @Test func lineEndsBlankLinesAndPiecesDoNotMatter() async {
    let probe = StdioProbe()
    probe.send("\r\n\n   \n")
    probe.send(#"{"jsonrpc":"2.0","id":"\#u{e9}","#)
    try? await Task.sleep(for: .milliseconds(20))
    probe.send("\"method\":\"fast\"}\r\n")
    #expect(await probe.lines(1) == [#"{"jsonrpc":"2.0","id":"é","result":{}}"#])
    #expect(await probe.finish() == .endOfInput)
  }

  @Test func aSlowRequestDoesNotDelayAFastOne() async {
    let probe = StdioProbe()
    probe.request(1, "slow", #"{"ms":1500}"#)
    probe.request(2, "fast")
    let lines = await probe.lines(2)
    #expect(lines.map { $0.contains(#""id":2"#) } == [true, false])
    #expect(await probe.finish() == .endOfInput)
  }

  @Test func progressComesBeforeItsResponseAndNotificationsAreNotAnswered() async {
    let probe = StdioProbe()
    probe.send(#"{"jsonrpc":"2.0","method":"notifications/initialized"}"# + "\n")
    probe.request(1, "noisy", #"{"count":3}"#)
    let lines = await probe.lines(4)
    #expect(lines.prefix(3).allSatisfy { $0.contains("notifications/progress") })
    #expect(lines.last?.contains(#""id":1"#) == true)
    #expect(await probe.finish() == .endOfInput)
  }

  @Test func unsolicitedMessagesReachTheClient() async {
    let probe = StdioProbe()
    #expect(await eventually { probe.session.state.withLock { $0.listener != nil } })
    probe.session.announce("notifications/tools/list_changed")
    #expect(
      await probe.lines(1) == [#"{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}"#])
    #expect(await probe.finish() == .endOfInput)
  }

  @Test func aCancellationGetsThroughWhenAllPlacesAreTaken() async {
    let probe = StdioProbe { transport in
      transport.runningLimit = 4
      transport.waitingLimit = 2
    }
    for id in 1...7 { probe.request(id, "stuck") }
    let refusal = await probe.lines(1)
    #expect(refusal.first?.contains(#""id":7"#) == true)
    #expect(refusal.first?.contains("over_limit") == true)
    #expect(probe.session.mostAtOnce <= 4)
    let cancel = #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":ID}}"#
    for id in 1...6 {
      probe.send(cancel.replacingOccurrences(of: "ID", with: "\(id)") + "\n")
    }
    #expect(await eventually { probe.session.runningCount == 0 })
    probe.request(8, "slow")
    #expect(await probe.lines(1).first?.contains(#""id":8"#) == true)
    #expect(await probe.finish() == .endOfInput)
  }

  @Test func requestsInFlightAreFinishedAfterTheEndOfTheInput() async {
    let probe = StdioProbe()
    probe.request(1, "slow", #"{"ms":200}"#)
    probe.closeInput()
    #expect(await probe.lines(1).first?.contains(#""id":1"#) == true)
    #expect(await probe.run.value == .endOfInput)
    close(probe.fromGateway)
  }

  @Test func theGraceAfterTheEndOfTheInputEnds() async {
    let probe = StdioProbe { $0.grace = .milliseconds(100) }
    probe.request(1, "stuck")
    let start = ContinuousClock.now
    #expect(await probe.finish() == .endOfInput)
    #expect(ContinuousClock.now - start < .seconds(4))
    #expect(await eventually { probe.session.runningCount == 0 })
    #expect(probe.session.isEnded)
  }

  @Test func aClientThatStopsReadingIsACleanEnd() async {
    let probe = StdioProbe()
    close(probe.fromGateway)
    probe.request(1, "fast")
    #expect(await probe.run.value == .clientGone)
    #expect(probe.session.isEnded)
    probe.closeInput()
  }

  @Test func cancellingTheTransportEndsItThoughTheClientNeitherWritesNorReads() async {
    let probe = StdioProbe()
    probe.request(1, "large", #"{"bytes":1000000}"#)
    for id in 2...5 { probe.request(id, "fast") }
    try? await Task.sleep(for: .milliseconds(100))
    probe.run.cancel()
    #expect(await probe.run.value == .cancelled)
    probe.closeInput()
    close(probe.fromGateway)
  }

  @Test func largeAnswersArriveWholeThoughTheClientReadsSlowly() async {
    let probe = StdioProbe()
    for id in 1...4 { probe.request(id, "large", #"{"bytes":300000}"#) }
    for id in 5...8 { probe.request(id, "fast") }
    try? await Task.sleep(for: .milliseconds(100))
    let lines = await probe.lines(8)
    #expect(lines.count == 8)
    for line in lines { #expect((try? JSONText(validating: line)) != nil) }
    #expect(await probe.finish() == .endOfInput)
  }

  @Test func aNonBlockingOutputLosesNothing() async {
    let probe = StdioProbe(outputFlags: O_NONBLOCK)
    for id in 1...4 { probe.request(id, "large", #"{"bytes":300000}"#) }
    #expect(await probe.lines(4).count == 4)
    #expect(await probe.finish() == .endOfInput)
  }

  /// Reading stops while answers wait, and goes on when they are read.
  @Test func aClientThatAsksWithoutReadingIsAnsweredInTheEnd() async {
    let probe = StdioProbe()
    let count = 60_000
    let asking = Task.detached {
      for id in 0..<count { probe.send(#"{"jsonrpc":"2.0","id":\#(id),"method":5}"# + "\n") }
    }
    let lines = await probe.lines(count)
    await asking.value
    #expect(lines.count == count)
    #expect(lines.last?.contains(#""id":\#(count - 1),"#) == true)
    #expect(await probe.finish() == .endOfInput)
  }

  @Test func aSocketServesAsWellAsAPipe() async throws {
    var ends: [Int32] = [0, 0]
    try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
    let transport = StdioTransport(input: ends[0], output: ends[0])
    let run = Task { await transport.run(ScriptedSession()) }
    let request = Array((#"{"jsonrpc":"2.0","id":7,"method":"fast"}"# + "\n").utf8)
    #expect(write(ends[1], request, request.count) == request.count)
    shutdown(ends[1], Int32(SHUT_WR))
    #expect(await run.value == .endOfInput)
    close(ends[0])
    var answer = [UInt8](repeating: 0, count: 1000)
    let length = read(ends[1], &answer, answer.count)
    #expect(String(decoding: answer.prefix(max(0, length)), as: UTF8.self).contains(#""id":7"#))
    close(ends[1])
  }

  @Test(arguments: [1, 500])
  func aFileOfMessagesIsAnsweredCompletely(count: Int) async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let requests = (1...count).map {
      #"{"jsonrpc":"2.0","id":\#($0),"method":"slow","params":{"ms":5}}"#
    }
    let input = folder.appendingPathComponent("session.jsonl")
    let output = folder.appendingPathComponent("out")
    try requests.joined(separator: "\n").write(to: input, atomically: true, encoding: .utf8)
    let reading = open(input.path, O_RDONLY)
    let writing = open(output.path, O_WRONLY | O_CREAT, 0o600)
    var transport = StdioTransport(input: reading, output: writing)
    transport.runningLimit = 8
    transport.waitingLimit = 8
    transport.grace = .milliseconds(1)
    let ending = await transport.run(ScriptedSession())
    close(reading)
    close(writing)
    #expect(ending == .endOfInput)
    let lines = try String(contentsOf: output, encoding: .utf8).split(separator: "\n")
    #expect(lines.count == count)
    #expect(lines.allSatisfy { $0.contains("result") })
  }

  @Test func devNullOnBothSidesIsAnEmptyConversation() async {
    let null = open("/dev/null", O_RDWR)
    defer { close(null) }
    let ending = await StdioTransport(input: null, output: null).run(ScriptedSession())
    #expect(ending == .endOfInput)
  }

  @Test func aFolderAsInputIsAProblem() async {
    let folder = open("/tmp", O_RDONLY)
    let null = open("/dev/null", O_WRONLY)
    defer {
      close(folder)
      close(null)
    }
    let ending = await StdioTransport(input: folder, output: null).run(ScriptedSession())
    guard case .failed(let problem) = ending else {
      Issue.record("expected a problem, got \(ending)")
      return
    }
    #expect(problem.source == "standard input")
  }
}
