import Foundation
import Logging
import NIOCore
import Synchronization
import Testing
import Wire

@testable import ContainerEngine

@Suite(.timeLimit(.minutes(1)))
struct FakeEngineTests {
  private func failure<Value>(
    _ steps: FakeEngine.Step..., sourceLocation: SourceLocation = #_sourceLocation,
    of call: (Engine) async throws -> Value
  ) async throws -> EngineError {
    let fake = try await FakeEngine { line in line.contains("/_ping") ? [] : steps }
    var caught: (any Error)?
    do { _ = try await call(fake.engine) } catch { caught = error }
    await fake.stop()
    return try #require(caught as? EngineError, "\(caught as Any)", sourceLocation: sourceLocation)
  }

  @Test(arguments: [
    ("404 Not Found", EngineError.Kind.notFound), ("409 Conflict", .conflict),
    ("400 Bad Request", .refused), ("403 Forbidden", .refused), ("500 Oops", .failed),
    ("503 Later", .failed), ("302 Found", .failed),
  ])
  func aFailingStatusIsAnErrorWithTheEnginesWords(_ status: String, _ kind: EngineError.Kind)
    async throws
  {
    let error = try await failure(FakeEngine.answer(status, #"{"message":"no \u001b[2J way\n"}"#)) {
      try await $0.inspect(ContainerID("abc"))
    }
    #expect(error.kind == kind)
    #expect(error.message == "no \\u{1B}[2J way ")
    #expect(error.status == Int(status.prefix(3)))
    #expect(error.description.contains("inspect container abc"))
  }

  @Test func anErrorWithoutJSONKeepsItsText() async throws {
    let error = try await failure(FakeEngine.answer("502 Bad Gateway", "<html>proxy</html>")) {
      try await $0.info()
    }
    #expect(error.message == "<html>proxy</html>")
  }

  @Test func aHugeErrorTextIsCut() async throws {
    let error = try await failure(
      FakeEngine.answer("500 Oops", #"{"message":"\#(String(repeating: "x", count: 500_000))"}"#)
    ) { try await $0.info() }
    #expect(error.message.utf8.count < 1100)
  }

  @Test(arguments: ["", "{", "{}{}", "[1,]", #"{"Id":1,"Id":2}"#, "\u{0}", "nonsense"])
  func whatIsNotJSONIsMalformed(_ body: String) async throws {
    let error = try await failure(FakeEngine.answer("200 OK", body)) {
      try await $0.createContainer(.hardened(image: "i"))
    }
    #expect(error.kind == .malformed)
  }

  @Test func anAnswerWithoutIdIsMalformed() async throws {
    for body in ["{}", "[]", #"{"Id":""}"#, #"{"Id":7}"#] {
      let error = try await failure(FakeEngine.answer("200 OK", body)) {
        try await $0.createContainer(.hardened(image: "i"))
      }
      #expect(error.kind == .malformed)
    }
  }

  @Test(arguments: [
    "SSH-2.0-OpenSSH\r\n\r\n", "HTTP/1.1 abc\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
  ])
  func whatIsNotHTTPIsMalformed(_ text: String) async throws {
    let error = try await failure(.send(text)) { try await $0.info() }
    #expect(error.kind == .malformed)
  }

  @Test func anAnswerThatEndsTooEarlyIsAnError() async throws {
    for text in ["", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}"] {
      let error = try await failure(.send(text), .close) { try await $0.info() }
      #expect(error.kind == .unreachable || error.kind == .malformed, "\(error)")
    }
  }

  @Test func aDeadEngineIsATimeout() async throws {
    let error = try await failure {
      try await $0.wait(ContainerID("abc"), timeout: .milliseconds(200))
    }
    #expect(error.kind == .timeout && error.message.contains("0.2"))
  }

  @Test func aSlowBodyIsATimeoutToo() async throws {
    let error = try await failure(
      .send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{"), .pause(.milliseconds(100)),
      .send("}")
    ) { try await $0.wait(ContainerID("abc"), timeout: .milliseconds(300)) }
    #expect(error.kind == .timeout)
  }

  @Test func anEndlessAnswerIsCutOff() async throws {
    let chunk = [UInt8](repeating: 0x20, count: 1 << 20)
    let steps =
      [FakeEngine.Step.send("HTTP/1.1 200 OK\r\n\r\n")] + (0..<34).map { _ in .bytes(chunk) }
    let fake = try await FakeEngine { line in line.contains("/_ping") ? [] : steps }
    let error = await #expect(throws: EngineError.self) { try await fake.engine.info() }
    #expect(error?.kind == .tooLarge)
    await fake.stop()
  }

  @Test func cancellingACallEndsItAtOnce() async throws {
    try await FakeEngine.with { fake in
      let engine = fake.engine
      let call = Task { try await engine.info() }
      try await Task.sleep(for: .milliseconds(100))
      let start = ContinuousClock.now
      call.cancel()
      await #expect(throws: CancellationError.self) { try await call.value }
      #expect(ContinuousClock.now - start < .seconds(5))
    }
  }

  @Test func nobodyThereIsExplained() async throws {
    let engine = Engine(.unix(path: "/tmp/no-such-engine.sock"), logger: Logger(label: "test"))
    let error = await #expect(throws: EngineError.self) { try await engine.ping() }
    #expect(error?.kind == .unreachable)
    #expect(error?.description.contains("is the engine running?") == true)
    let refused = Engine(.tcp(host: "127.0.0.1", port: 1), logger: Logger(label: "test"))
    let second = await #expect(throws: EngineError.self) { try await refused.ping() }
    #expect(second?.kind == .unreachable && second?.hint != nil)
  }

  @Test func missingRightsAreExplained() {
    let error = EngineError.transport("x", IOError(errnoCode: EACCES, reason: "connect"))
    #expect("\(error)".contains("docker group"))
  }

  @Test(arguments: [
    ("1.40", EngineError.Kind.tooOld), ("", .malformed), ("x", .malformed), ("0.99", .tooOld),
  ])
  func anEngineOfAnotherTimeIsRefused(_ version: String, _ kind: EngineError.Kind) async throws {
    let fake = try await FakeEngine { _ in
      [.send("HTTP/1.1 200 OK\r\nApi-Version: \(version)\r\nContent-Length: 0\r\n\r\n")]
    }
    let error = await #expect(throws: EngineError.self) { try await fake.engine.info() }
    #expect(error?.kind == kind)
    await fake.stop()
  }

  @Test func theVersionIsTheNewestThatBothKnow() async throws {
    for (offered, agreed) in [
      ("1.41", "1.41"), ("1.47", "1.47"), ("1.99", "1.47"), ("2.0", "1.47"),
    ] {
      let fake = try await FakeEngine { line in
        line.contains("/_ping")
          ? [.send("HTTP/1.1 200 OK\r\nApi-Version: \(offered)\r\nContent-Length: 0\r\n\r\n")]
          : [FakeEngine.answer("200 OK", "{}")]
      }
      _ = try await fake.engine.info()
      #expect(
        fake.requests.last?.hasPrefix("GET /v\(agreed)/info HTTP/1.1\r\nHost: docker\r\n") == true)
      await fake.stop()
    }
  }

  @Test func namesCannotLeaveTheirPlaceInAPath() async throws {
    try await FakeEngine.with(FakeEngine.answer("404 Not Found", "{}")) { fake in
      _ = try? await fake.engine.inspect(ContainerID("../x?a=b#c d\r\nX: y"))
      #expect(
        fake.requests.last?.hasPrefix(
          "GET /v1.43/containers/..%2Fx%3Fa%3Db%23c%20d%0D%0AX%3A%20y/json HTTP/1.1\r\n") == true)
    }
  }

  // MARK: pulling

  private func pull(_ lines: String..., credentials: RegistryCredentials? = nil) async throws
    -> [PullProgress]
  {
    let body = lines.joined(separator: "\r\n")
    let fake = try await FakeEngine { line in
      line.contains("/_ping")
        ? []
        : line.contains("/images/create")
          ? [FakeEngine.answer("200 OK", body)]
          : [FakeEngine.answer("200 OK", #"{"Id":"sha256:1"}"#)]
    }
    let seen = Mutex<[PullProgress]>([])
    do {
      _ = try await fake.engine.pull(ImageReference("a/b"), credentials: credentials) { report in
        seen.withLock { $0.append(report) }
      }
    } catch {
      await fake.stop()
      throw error
    }
    #expect(fake.requests.contains { $0.contains("fromImage=docker.io%2Fa%2Fb&tag=latest") })
    if credentials != nil {
      #expect(fake.requests.contains { $0.lowercased().contains("x-registry-auth: eyjzzxj2") })
    }
    await fake.stop()
    return seen.withLock { $0 }
  }

  @Test func aPullReportsItsProgress() async throws {
    let reports = try await pull(
      #"{"status":"Pulling from a/b","id":"latest"}"#,
      #"{"status":"Downloading","progressDetail":{"current":5,"total":10},"id":"abc"}"#, "",
      credentials: RegistryCredentials(username: "u", password: "p", server: "s"))
    #expect(reports.map(\.status) == ["Pulling from a/b", "Downloading"])
    #expect(reports.last?.current == 5 && reports.last?.total == 10 && reports.last?.layer == "abc")
  }

  @Test(arguments: [
    ("pull access denied for x", EngineError.Kind.refused), ("manifest unknown", .notFound),
    ("toomanyrequests: slow down", .refused), ("unexpected EOF", .failed),
  ])
  func anErrorInsideASuccessfulAnswerIsAnError(_ message: String, _ kind: EngineError.Kind)
    async throws
  {
    let error = await #expect(throws: EngineError.self) {
      try await pull(
        #"{"status":"Pulling"}"#,
        #"{"errorDetail":{"message":"\#(message)"},"error":"\#(message)"}"#)
    }
    #expect(error?.kind == kind && error?.message == message)
  }

  @Test func aReportThatIsNotJSONIsMalformed() async throws {
    let error = await #expect(throws: EngineError.self) { try await pull(#"{"status":"#) }
    #expect(error?.kind == .malformed)
  }

  @Test func aLineWithoutEndIsCutOff() async throws {
    let error = await #expect(throws: EngineError.self) {
      try await pull(String(repeating: "x", count: 2 << 20))
    }
    #expect(error?.kind == .malformed)
  }

  @Test func aPullThatSaysNothingIsATimeoutButASlowOneIsNot() async throws {
    let start = FakeEngine.Step.send("HTTP/1.1 200 OK\r\n\r\n{\"status\":\"a\"}\n")
    let beat = [FakeEngine.Step.pause(.milliseconds(150)), .send("{\"status\":\"b\"}\n")]
    for (steps, isTimeout) in [
      ([start], true), ([start] + beat + beat + beat + beat + [.close], false),
    ] {
      let fake = try await FakeEngine { line in
        line.contains("/images/create")
          ? steps : line.contains("/_ping") ? [] : [FakeEngine.answer("200 OK", #"{"Id":"i"}"#)]
      }
      let result = await Result {
        try await fake.engine.pull(ImageReference("a"), silence: .milliseconds(400))
      }
      switch result {
      case .success: #expect(!isTimeout)
      case .failure(let error):
        #expect(isTimeout && (error as? EngineError)?.kind == .timeout, "\(error)")
      }
      await fake.stop()
    }
  }

  // MARK: attaching

  private static let switching =
    "HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"

  @Test func framesInTheSamePacketAsTheConsentAreNotLost() async throws {
    let bytes = Array(Self.switching.utf8) + [1, 0, 0, 0, 0, 0, 0, 3] + Array("a\nb".utf8)
    try await FakeEngine.with(.bytes(bytes), .awaitInput, .close) { fake in
      let attachment = try await fake.engine.attach(ContainerID("abc"))
      try await attachment.write([1])
      var lines: [String] = []
      for try await line in attachment.lines().stream {
        lines.append(String(decoding: line, as: UTF8.self))
      }
      #expect(lines == ["a", "b"])
    }
  }

  @Test(
    arguments: [
      [9, 0, 0, 0, 0, 0, 0, 1, 65], [1, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF],
      [1, 0, 0, 0, 0, 0, 0, 5, 65],
      [1, 0, 0],
    ] as [[UInt8]])
  func aBrokenStreamIsAnErrorAndNotAnEnd(_ stream: [UInt8]) async throws {
    try await FakeEngine.with(
      .send(Self.switching), .awaitInput, .bytes(stream), .close
    ) { fake in
      let attachment = try await fake.engine.attach(ContainerID("abc"))
      try await attachment.write([1])
      let error = await #expect(throws: EngineError.self) {
        for try await _ in attachment.output {}
      }
      #expect(error?.kind == .malformed)
    }
  }

  /// Whether the end comes during the switch or after it is the kernel's choice; a clean end without
  /// the bytes is never right.
  @Test func aConnectionThatEndsWhileItIsSwitchedLosesNothingInSilence() async throws {
    let bytes = Array(Self.switching.utf8) + [1, 0, 0, 0, 0, 0, 0, 3] + Array("a\nb".utf8)
    try await FakeEngine.with(.bytes(bytes), .close) { fake in
      let attachment = try await fake.engine.attach(ContainerID("abc"))
      var output: [UInt8] = []
      do {
        for try await piece in attachment.output { output += Array(buffer: piece) }
        #expect(output == Array("a\nb".utf8))
      } catch let error as EngineError { #expect(error.kind == .unreachable) }
      await #expect(throws: EngineError.self) { try await attachment.write([1]) }
    }
  }

  @Test func anEngineThatDoesNotSwitchIsAnError() async throws {
    let error = try await failure(.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")) {
      try await $0.attach(ContainerID("abc"))
    }
    #expect(error.kind == .malformed)
    let closed = try await failure(.close) { try await $0.attach(ContainerID("abc")) }
    #expect(closed.kind == .unreachable || closed.kind == .malformed, "\(closed)")
    let garbage = try await failure(.send("garbage\r\n\r\n")) {
      try await $0.attach(ContainerID("abc"))
    }
    #expect(garbage.kind == .malformed || garbage.kind == .unreachable, "\(garbage)")
  }

  @Test func cancellingAnAttachThatHangsEndsItAtOnce() async throws {
    try await FakeEngine.with { fake in
      let engine = fake.engine
      let call = Task { try await engine.attach(ContainerID("abc")) }
      try await Task.sleep(for: .milliseconds(100))
      call.cancel()
      await #expect(throws: CancellationError.self) { try await call.value }
    }
  }

  // MARK: events

  @Test func eventsGoOnAfterALostConnection() async throws {
    let event =
      #"{"Type":"container","Action":"die","Actor":{"ID":"abc","Attributes":{"exitCode":"1"}},"timeNano":5}"#
    try await FakeEngine.with(.send("HTTP/1.1 200 OK\r\n\r\n\(event)\n"), .close) { fake in
      var news = fake.engine.events(labels: ["a": "b", "c": nil]).makeAsyncIterator()
      for _ in 0..<2 {
        #expect(await news.next() == .connected)
        guard case .event(let event)? = await news.next() else { return #expect(Bool(false)) }
        #expect(
          event.action == "die" && event.actor == "abc" && event.attributes == ["exitCode": "1"])
        guard case .lost? = await news.next() else { return #expect(Bool(false)) }
      }
      #expect(
        fake.requests.contains {
          $0.contains("filters=%7B%22label%22%3A%5B%22a%3Db%22%2C%22c%22%5D%7D")
        })
    }
  }

  // MARK: launching

  @Test func aContainerThatCannotBeStartedIsRemoved() async throws {
    let fake = try await FakeEngine { line in
      switch true {
      case line.contains("/create"):
        [FakeEngine.answer("201 Created", #"{"Id":"abc","Warnings":[]}"#)]
      case line.contains("/attach"): [.send(Self.switching)]
      case line.contains("/wait"): [.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")]
      case line.contains("/start"):
        [FakeEngine.answer("500 Oops", #"{"message":"exec: \"docker-init\": not found"}"#)]
      case line.hasPrefix("DELETE"): [.send("HTTP/1.1 204 No Content\r\n\r\n")]
      default: []
      }
    }
    let error = await #expect(throws: EngineError.self) {
      try await LaunchedContainer.launch(.hardened(image: "i"), on: fake.engine)
    }
    #expect(error?.hint?.contains("docker-init") == true)
    #expect(
      fake.requests.contains { $0.hasPrefix("DELETE /v1.43/containers/abc?force=true&v=true ") })
    await fake.stop()
  }
}

extension Result where Failure == any Error {
  fileprivate init(_ body: () async throws -> Success) async {
    do { self = .success(try await body()) } catch { self = .failure(error) }
  }
}
