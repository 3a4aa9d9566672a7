import Synchronization
import Testing
import Wire

@testable import Gateway

@Suite(.timeLimit(.minutes(1)))
struct MCPConnectionTests {
  private let server = FakeServer()
  private func connect(
    _ onSignal: @escaping @Sendable (ServerSignal) -> Void = { _ in }
  ) -> MCPConnection {
    MCPConnection(server: "s", channel: server, onSignal: onSignal)
  }
  private static let params = JSONText(object: [("name", JSONText(string: "echo"))])

  private static func fault(_ work: () async throws -> JSONText) async -> Fault? {
    do {
      _ = try await work()
      return nil
    } catch { return error as? Fault }
  }

  @Test func answersFindTheirCallsInAnyOrder() async throws {
    let held = Mutex<[FakeServer.Request]>([])
    server.on("m") { server, request in
      let all = held.withLock { held in
        held.append(request)
        return held
      }
      guard all.count == 3 else { return }
      for request in all.reversed() { server.answer(request, request.params.description) }
    }
    let connection = connect()
    try await withThrowingTaskGroup { group in
      for number in 0..<3 {
        group.addTask {
          let params = JSONText(object: [("n", JSONText(number))])
          let answer = try await connection.request("m", params, within: .seconds(5))
          #expect(answer == params)
        }
      }
      try await group.waitForAll()
    }
    await connection.close()
  }

  @Test func aSilentServerTimesOutAndIsToldSo() async {
    server.on("tools/call") { _, _ in }
    let connection = connect()
    let fault = await Self.fault {
      try await connection.request("tools/call", Self.params, within: .milliseconds(200))
    }
    #expect(fault?.kind == .timeout)
    #expect(await eventually { server.count("notifications/cancelled") == 1 })
    #expect(server.params("notifications/cancelled").first?["requestId"]?.int == 1)
    #expect(connection.isOpen)
    await connection.close()
  }

  @Test func initializeIsNeverCancelledAtTheServer() async {
    server.on("initialize") { _, _ in }
    let connection = connect()
    _ = await Self.fault {
      try await connection.request("initialize", nil, within: .milliseconds(100))
    }
    try? await Task.sleep(for: .milliseconds(100))
    #expect(server.count("notifications/cancelled") == 0)
    await connection.close()
  }

  @Test func aServerThatDoesNotReadHoldsNobodyBeyondTheDeadline() async {
    server.stopReading()
    let connection = connect()
    let fault = await Self.fault {
      try await connection.request("tools/call", Self.params, within: .milliseconds(200))
    }
    #expect(fault?.kind == .timeout)
    #expect(!connection.isOpen)
    #expect(await eventually { server.isClosed })
  }

  @Test func aCancelledCallIsReleasedAtOnceEvenIfItCannotBeSent() async {
    server.stopReading()
    let connection = connect()
    let call = Task {
      await Self.fault {
        try await connection.request("tools/call", Self.params, within: .seconds(60))
      }
    }
    try? await Task.sleep(for: .milliseconds(50))
    let start = ContinuousClock.now
    call.cancel()
    #expect(await call.value?.kind == .cancelled)
    #expect(.now - start < .seconds(2))
    #expect(connection.isOpen)
    await connection.close()
  }

  @Test func aCancelledCallTellsTheServerOurId() async {
    server.on("tools/call") { _, _ in }
    let connection = connect()
    let call = Task {
      await Self.fault {
        try await connection.request("tools/call", Self.params, within: .seconds(60))
      }
    }
    #expect(await eventually { server.count("tools/call") == 1 })
    try? await Task.sleep(for: .milliseconds(30))
    call.cancel()
    #expect(await call.value?.kind == .cancelled)
    #expect(await eventually { server.params("notifications/cancelled").count == 1 })
    #expect(server.params("notifications/cancelled").first?["requestId"]?.int == 1)
    // The late answer meets nobody.
    server.say(#"{"jsonrpc":"2.0","id":1,"result":{}}"#)
    server.on("tools/call") { $0.answer($1, #"{"late":false}"#) }
    let next = try? await connection.request("tools/call", nil, within: .seconds(5))
    #expect(next?["late"]?.bool == false)
    await connection.close()
  }

  @Test func progressRestartsTheClockAndCarriesOurToken() async throws {
    server.on("tools/call") { server, request in
      let token = request.params["_meta"]?["progressToken"]?.description ?? "none"
      for step in 1...6 {
        try? await Task.sleep(for: .milliseconds(1_200))
        server.notify(
          "notifications/progress", #"{"progressToken":\#(token),"progress":\#(step)}"#)
      }
      server.answer(request, "{}")
    }
    let connection = connect()
    let events = Counter()
    _ = try await connection.request(
      "tools/call", Self.params, within: .seconds(5), wantsProgress: true
    ) { event in if case .progress = event { events.add() } }
    #expect(events.value == 6)
    await connection.close()
  }

  @Test(arguments: ["starting…", "{'a': 1}", "[]", "42", "", "\u{FEFF}", "{broken"])
  func strayLinesAreSkipped(line: String) async throws {
    server.on("m") { server, request in
      server.say(line)
      server.answer(request, "{}")
    }
    let connection = connect()
    _ = try await connection.request("m", nil, within: .seconds(5))
    #expect(await connection.diagnosis().hasPrefix("1 lines on stdout were no MCP message"))
    await connection.close()
  }

  @Test func endlessStrayLinesEndTheConnection() async {
    server.on("m") { server, _ in for _ in 0...StrayLines.mostInARow { server.say("junk") } }
    let connection = connect()
    let fault = await Self.fault { try await connection.request("m", nil, within: .seconds(30)) }
    #expect(fault?.kind == .protocolViolation)
    #expect(await eventually { server.isClosed })
  }

  @Test func strayLinesBetweenMessagesAreNeverTooMany() async throws {
    server.on("m") { server, request in
      for _ in 0..<600 { server.say("junk") }
      server.answer(request, "{}")
    }
    let connection = connect()
    for _ in 0..<3 { _ = try await connection.request("m", nil, within: .seconds(30)) }
    #expect(connection.isOpen)
    await connection.close()
  }

  @Test(arguments: [
    #"{"jsonrpc":"2.0","id":ID,"result":{"a":1,"a":2}}"#,
    #"{"jsonrpc":"2.0","id":ID,"result":{},"error":{}}"#,
    #"{"jsonrpc":"1.0","id":ID,"result":{}}"#,
    #"{"jsonrpc":"2.0","id":ID,"result":5}"#,
    #"{"jsonrpc":"2.0","id":ID,"error":{"code":"x"}}"#,
  ])
  func aRefusedAnswerFailsItsCallAlone(line: String) async throws {
    server.on("m") { server, request in
      server.say(line.replacing("ID", with: request.id.text.description))
    }
    let connection = connect()
    let fault = await Self.fault { try await connection.request("m", nil, within: .seconds(30)) }
    #expect(fault?.kind == .protocolViolation)
    #expect(connection.isOpen)
    _ = try await connection.request("tools/list", nil, within: .seconds(5))
    await connection.close()
  }

  @Test(arguments: [
    #"{"jsonrpc":"2.0","method":"a","method":"b"}"#,
    #"{"jsonrpc":"2.0","result":{}}"#,
    #"{"jsonrpc":"2.0","id":1,"result":{"#,
    #"{"x":1}"#,
  ])
  func aRefusedMessageEndsTheConnectionAndAllItsCalls(line: String) async {
    server.on("m") { server, _ in if server.count("m") == 2 { server.say(line) } }
    let connection = connect()
    async let one = Self.fault { try await connection.request("m", nil, within: .seconds(30)) }
    async let two = Self.fault { try await connection.request("m", nil, within: .seconds(30)) }
    let faults = await [one, two]
    #expect(faults.map { $0?.kind } == [.protocolViolation, .protocolViolation])
    #expect(!connection.isOpen)
    #expect(await eventually { server.isClosed })
  }

  @Test func aServersPingIsAnsweredAndOtherRequestsAreDeclined() async {
    let connection = connect()
    server.say(#"{"jsonrpc":"2.0","id":"1","method":"ping"}"#)
    server.say(#"{"jsonrpc":"2.0","id":1,"method":"sampling/createMessage","params":{}}"#)
    #expect(await eventually { server.received.count == 2 })
    #expect(server.received.contains(.result(id: .string("1"), .emptyObject)))
    #expect(
      server.received.contains(
        .failure(id: .integer(1), .methodNotFound("sampling/createMessage"))))
    await connection.close()
  }

  private static let nameless =
    #"{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"what?"}}"#

  /// A server that could not read a request does not know its id.
  @Test func anErrorWithoutIdFailsTheOneRequestThatIsOpen() async throws {
    server.on("tools/call") { server, _ in server.say(Self.nameless) }
    let connection = connect()
    let error = await #expect(throws: RPCError.self) {
      try await connection.request("tools/call", nil, within: .seconds(60))
    }
    #expect(error?.message == "what?")
    await connection.close()
  }

  @Test func anErrorWithoutIdFailsNobodyWhereSeveralAreOpen() async throws {
    let notices = Mutex<[String]>([])
    let connection = MCPConnection(
      server: "s", channel: server, onSignal: { _ in },
      onNotice: { line in notices.withLock { $0.append(line) } })
    let asked = Mutex<[FakeServer.Request]>([])
    server.on("tools/call") { _, request in asked.withLock { $0.append(request) } }
    async let first = connection.request("tools/call", nil, within: .seconds(60))
    async let second = connection.request("tools/call", nil, within: .seconds(60))
    #expect(await eventually { asked.withLock { $0.count } == 2 })
    for _ in 0..<3 { server.say(Self.nameless) }
    #expect(await eventually { await connection.diagnosis().contains("3 lines") })
    for request in asked.withLock({ $0 }) { server.answer(request, "{}") }
    #expect(try await [first, second].map(\.description) == ["{}", "{}"])
    #expect(notices.withLock { $0 } == ["an error that names no request: -32700 what?"])
    await connection.close()
  }

  @Test func aServerThatAsksAndNeverReadsIsCutOff() async {
    server.stopReading()
    let connection = connect()
    for _ in 0..<200 { server.say(#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#) }
    #expect(await eventually { !connection.isOpen })
    #expect(await eventually { server.isClosed })
  }

  @Test func aCrashFailsCallsInFlightWithTheServersOwnWords() async {
    server.on("m") { server, _ in server.crash(saying: "it exited with code 3") }
    let signals = Counter()
    let connection = connect { if $0 == .ended { signals.add() } }
    let fault = await Self.fault { try await connection.request("m", nil, within: .seconds(30)) }
    #expect(fault?.kind == .serverGone)
    #expect(fault?.message.contains("it exited with code 3") == true)
    let next = await Self.fault { try await connection.request("m", nil, within: .seconds(30)) }
    #expect(next == fault)
    await connection.close()
    #expect(signals.value == 1)
  }

  @Test func closingFailsCallsInFlight() async {
    server.on("m") { _, _ in }
    let connection = connect()
    let call = Task {
      await Self.fault { try await connection.request("m", nil, within: .seconds(60)) }
    }
    #expect(await eventually { server.count("m") == 1 })
    await connection.close()
    #expect(await call.value?.kind == .shuttingDown)
  }

  @Test func logMessagesGoToTheNewestCallThatListensAndElseToTheSession() async throws {
    let outside = Counter()
    let connection = connect { if case .event(.log) = $0 { outside.add() } }
    server.notify("notifications/message", #"{"level":"info","data":1}"#)
    #expect(await eventually { outside.value == 1 })
    let heard = Counter()
    server.on("m") { server, request in
      server.notify("notifications/message", #"{"level":"info","data":2}"#)
      server.answer(request, "{}")
    }
    _ = try await connection.request("m", nil, within: .seconds(5)) { _ in heard.add() }
    #expect(heard.value == 1)
    #expect(outside.value == 1)
    await connection.close()
  }

  /// Over streamable HTTP each call has a stream of its own.
  @Test func whatComesOnTheStreamOfACallBelongsToThatCall() async throws {
    let tenant = Tenant(
      capabilities: ClientCapabilities(try JSONText(validating: #"{"roots":{}}"#)), ask: nil)
    let connection = MCPConnection(server: "s", channel: server, tenant: tenant) { _ in }
    let requests = Mutex<[String: FakeServer.Request]>([:])
    for method in ["first", "second"] {
      server.on(method) { _, request in requests.withLock { $0[method] = request } }
    }
    let (asked, heard) = (FakeGateway.Lines(), FakeGateway.Lines())
    @Sendable func call(_ method: String) async throws -> JSONText {
      try await connection.request(method, nil, within: .seconds(30)) { _ in
        heard.add(method)
      } ask: { _ in
        asked.add(method)
        return .emptyObject
      }
    }
    let first = Task { try await call("first") }
    #expect(await eventually { requests.withLock { $0["first"] } != nil })
    let second = Task { try await call("second") }
    #expect(await eventually { requests.withLock { $0["second"] } != nil })
    let early = try #require(requests.withLock { $0["first"] })
    let late = try #require(requests.withLock { $0["second"] })
    let roots = #"{"jsonrpc":"2.0","id":"r","method":"roots/list"}"#
    server.say(roots, of: early.id)
    server.say(
      #"{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":1}}"#,
      of: early.id)
    #expect(await eventually { server.replies.count == 1 })
    server.answer(early, "{}")
    _ = try await first.value
    #expect(asked.all == ["first"])
    #expect(heard.all == ["first"])
    // Too late: nobody may be asked for a call that is over.
    server.say(roots, of: early.id)
    #expect(await eventually { server.replies.count == 2 })
    #expect(server.replies.last?.error != nil)
    server.answer(late, "{}")
    _ = try await second.value
    #expect(asked.all == ["first"])
    await connection.close()
  }

  @Test func anAnswerThatMeetsNobodyIsIgnored() async throws {
    let connection = connect()
    for line in [
      #"{"jsonrpc":"2.0","id":77,"result":{}}"#, #"{"jsonrpc":"2.0","id":"1","result":{}}"#,
      #"{"jsonrpc":"2.0","id":78,"error":{"code":-32700,"message":"?"}}"#,
    ] { server.say(line) }
    _ = try await connection.request("tools/list", nil, within: .seconds(5))
    #expect(connection.isOpen)
    await connection.close()
  }
}

@Test func progressDoesNotMoveADeadlineForEver() {
  var requests = OpenRequests()
  let start = ContinuousClock.now
  let id = requests.open(CallMailbox(), limit: .seconds(60), hearsEvents: true, now: start)
  for minute in 0..<60 { _ = requests.progressed(id, now: start + .seconds(minute * 50)) }
  #expect(requests.late(now: start + OpenRequests.longest - .seconds(1)).isEmpty)
  #expect(requests.late(now: start + OpenRequests.longest).first?.patience == .seconds(1_800))
}
