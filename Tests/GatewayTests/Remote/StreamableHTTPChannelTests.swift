import Testing
import Wire

@testable import Gateway

@Suite(.timeLimit(.minutes(2))) struct StreamableHTTPChannelTests {
  /// Opens a session; `script` answers what comes after.
  private static func server(
    _ script: @escaping ScriptedServer.Script
  ) async throws -> ScriptedServer {
    try await ScriptedServer { request, peer in
      if request.body.contains("\"initialize\"") {
        try await peer.answer("200 OK", ["Mcp-Session-Id: abc-1"], initialized)
      } else if request.method == "DELETE" {
        try await peer.answer("204 No Content", type: nil)
      } else {
        try await script(request, peer)
      }
    }
  }

  /// The failure that a tool call gets from a server that answers it so.
  private static func failure(_ script: @escaping ScriptedServer.Script) async throws -> RPCError {
    let server = try await server(script)
    defer { server.stop() }
    let channel = try await StreamableHTTPChannel.to(server, headers: ["X-Key": "s3cret"])
    _ = try await channel.initialize()
    try await channel.send(request(1, "tools/call"))
    let answer = try await channel.next()
    await channel.close()
    guard case .failure(.integer(1), let error) = answer else {
      Issue.record("no failure: \(answer)")
      return RPCError(code: 0, message: "")
    }
    #expect(!error.message.contains("s3cret") && !error.message.contains("/mcp"))
    return error
  }

  @Test func aSessionRunsFromInitializeToDelete() async throws {
    let server = try await Self.server { request, peer in
      switch request.method {
      case "GET": try await peer.answer("405 Method Not Allowed", type: nil)
      default:
        if request.body.contains("\"id\"") {
          try await peer.answer(type: "application/json; charset=utf-8", result(1))
        } else {
          try await peer.answer("202 Accepted", type: nil)
        }
      }
    }
    defer { server.stop() }
    let channel = try await StreamableHTTPChannel.to(server, headers: ["X-Key": "s3cret"])
    #expect(try await channel.initialize().encoded == Array(initialized.utf8))
    try await channel.send(notification("notifications/initialized"))
    try await channel.send(request(1, "tools/list"))
    #expect(try await channel.next().encoded == Array(result(1).utf8))
    try await Task.sleep(for: .milliseconds(200))
    await channel.close()
    await channel.close()

    let requests = server.requests
    #expect(requests.first?.headers["mcp-session-id"] == nil)
    #expect(requests.first?.headers["mcp-protocol-version"] == nil)
    #expect(requests.map(\.method).sorted() == ["DELETE", "GET", "POST", "POST", "POST"])
    #expect(requests.last?.method == "DELETE")
    for request in requests.dropFirst() {
      #expect(request.headers["mcp-session-id"] == "abc-1")
      #expect(request.headers["mcp-protocol-version"] == "2025-06-18")
    }
    for request in requests {
      #expect(request.headers["x-key"] == "s3cret")
      #expect(request.target == "/mcp?key=s3cret")
      let accept =
        request.method == "GET" ? "text/event-stream" : "application/json, text/event-stream"
      #expect(request.method == "DELETE" || request.headers["accept"] == accept)
      #expect(request.method != "POST" || request.headers["content-type"] == "application/json")
    }
    await #expect(throws: Fault.self) { try await channel.send(request(2, "ping")) }
  }

  @Test func eventsOfAStreamArriveBeforeTheAnswer() async throws {
    let server = try await Self.server { _, peer in
      try await peer.beginEvents()
      try await peer.chunk(": ping\r\n\r\ndata: {\"jsonrpc\":\"2.0\",\r\nda")
      try await peer.chunk(
        "ta: \"method\":\"notifications/progress\"}\r\n\r\nevent: other\ndata: x\n\n")
      try await peer.chunk("event: message\ndata: \(result(1))\n\n")
      try await peer.endChunks()
    }
    defer { server.stop() }
    let channel = try await StreamableHTTPChannel.to(server)
    _ = try await channel.initialize()
    try await channel.send(request(1, "tools/call"))
    #expect(
      try await channel.next() == .notification(method: "notifications/progress", params: nil))
    #expect(try await channel.next().encoded == Array(result(1).utf8))
    await channel.close()
  }

  @Test(arguments: [
    ("429 Too Many Requests", "Retry-After: 30", "HTTP 429; it asks to wait 30 s", true),
    ("503 Service Unavailable", "Retry-After: soon", "HTTP 503", true),
    ("500 Internal Server Error", "X: y", "HTTP 500", true),
    ("400 Bad Request", "X: y", "HTTP 400", false),
    ("401 Unauthorized", "WWW-Authenticate: Bearer secret-words", "credentials (HTTP 401)", false),
    ("403 Forbidden", "X: y", "credentials (HTTP 403)", false),
    ("307 Temporary Redirect", "Location: http://10.0.0.1/", "not followed", false),
    ("202 Accepted", "X: y", "did not answer", false),
  ])
  func aBadStatusFailsTheRequestAndSaysWhy(
    _ status: String, _ header: String, _ expected: String, _ isRetryable: Bool
  ) async throws {
    let error = try await Self.failure { _, peer in
      try await peer.answer(status, [header], type: "text/plain", "secret-words")
    }
    #expect(error.message.contains(expected))
    #expect(error.message.contains("weather"))
    #expect(!error.message.contains("secret-words"))
    #expect(error.data?["retryable"]?.bool == isRetryable)
  }

  @Test func theWordsOfARefusedLoginAreNotRelayed() async throws {
    let body = #"{"jsonrpc":"2.0","id":1,"error":{"code":-1,"message":"secret-words"}}"#
    let error = try await Self.failure { try await $1.answer("401 Unauthorized", [], body) }
    #expect(!error.message.contains("secret-words"))
  }

  @Test func aJSONRPCErrorInAnErrorStatusIsTheAnswer() async throws {
    let body = #"{"jsonrpc":"2.0","id":null,"error":{"code":-32602,"message":"bad params"}}"#
    let error = try await Self.failure { try await $1.answer("400 Bad Request", [], body) }
    #expect(error == RPCError(code: -32602, message: "bad params"))
  }

  @Test(arguments: [
    ("text/html", "<html>"), ("application/json", "<html>"), ("application/json", ""),
    ("application/json", "[]"), ("application/json", #"{"jsonrpc":"2.0","id":2,"result":{}}"#),
    ("text/event-stream", "data: garbage\n\n"), ("text/event-stream", ""),
    ("text/event-stream", "data: {\"jsonrpc\":\"2.0\",\"id\":1,"),
  ])
  func anAnswerThatIsNoneFailsTheRequest(_ type: String, _ body: String) async throws {
    let server = try await Self.server { try await $1.answer(type: type, body) }
    defer { server.stop() }
    let channel = try await StreamableHTTPChannel.to(server)
    _ = try await channel.initialize()
    try await channel.send(request(1, "tools/call"))
    while true {
      guard case .failure(.integer(1), let error) = try await channel.next() else { continue }
      #expect(error.code == -32603)
      break
    }
    await channel.close()
  }

  @Test func anEncodedAnswerIsRefused() async throws {
    let error = try await Self.failure {
      try await $1.answer("200 OK", ["Content-Encoding: gzip"], result(1))
    }
    #expect(error.message.contains("content encoding gzip"))
  }

  @Test func aCutAnswerFailsOnlyItsRequest() async throws {
    let server = try await Self.server { request, peer in
      if request.body.contains("\"id\":1") {
        try await peer.write(
          "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{")
        peer.cut()
      } else {
        try await Task.sleep(for: .milliseconds(300))
        try await peer.answer("200 OK", [], result(2))
      }
    }
    defer { server.stop() }
    let channel = try await StreamableHTTPChannel.to(server)
    _ = try await channel.initialize()
    try await channel.send(request(2, "tools/call"))
    try await channel.send(request(1, "tools/call"))
    let answers = [try await channel.next(), try await channel.next()]
    #expect(answers.contains { $0.encoded == Array(result(2).utf8) })
    let isFailed = answers.contains {
      guard case .failure(.integer(1), let error) = $0 else { return false }
      return error.data?["retryable"]?.bool == true
    }
    #expect(isFailed)
    #expect(await channel.diagnosis().contains("closed before the end"))
    await channel.close()
  }

  @Test(arguments: [true, false]) func aCutStreamIsResumedAfterItsLastEvent(_ isPolite: Bool)
    async throws
  {
    let server = try await Self.server { request, peer in
      if request.method == "GET" {
        #expect(request.headers["last-event-id"] == "7")
        #expect(request.headers["mcp-session-id"] == "abc-1")
        try await peer.beginEvents()
        try await peer.chunk("id: 8\ndata: \(result(1))\n\n")
        return try await peer.endChunks()
      }
      try await peer.beginEvents()
      try await peer.chunk("retry: 100\nid: 7\ndata:\n\n")
      if isPolite { try await peer.endChunks() } else { peer.cut() }
    }
    defer { server.stop() }
    let channel = try await StreamableHTTPChannel.to(server)
    _ = try await channel.initialize()
    try await channel.send(request(1, "tools/call"))
    #expect(try await channel.next().encoded == Array(result(1).utf8))
    await channel.close()
  }

  @Test func aCutStreamWithoutIDsFailsItsRequest() async throws {
    let error = try await Self.failure { _, peer in
      try await peer.beginEvents()
      try await peer.chunk("data:\n\n")
      peer.cut()
    }
    #expect(error.message.contains("before the answer"))
  }

  @Test func aLostSessionEndsTheChannel() async throws {
    let server = try await Self.server { try await $1.answer("404 Not Found", type: nil) }
    defer { server.stop() }
    let channel = try await StreamableHTTPChannel.to(server)
    _ = try await channel.initialize()
    try await channel.send(request(1, "tools/call"))
    let fault = await #expect(throws: Fault.self) { try await channel.next() }
    #expect(fault?.kind == .serverGone && fault?.isRetryable == true)
    #expect(fault?.message.contains("no longer knows our session") == true)
    #expect(channel.hasNotTaken(.integer(1)))
    await #expect(throws: Fault.self) { try await channel.send(request(2, "ping")) }
    #expect(channel.hasNotTaken(.integer(2)))
    #expect(!channel.hasNotTaken(.integer(0)))
    await channel.close()
    #expect(!server.requests.contains { $0.method == "DELETE" })
  }

  @Test(arguments: [
    "404 Not Found", "401 Unauthorized", "500 Internal Server Error", "405 Method Not Allowed",
  ])
  func aFailedInitializeEndsTheChannel(_ status: String) async throws {
    let server = try await ScriptedServer { try await $1.answer(status, type: nil) }
    defer { server.stop() }
    let channel = try await StreamableHTTPChannel.to(server)
    let fault = await #expect(throws: Fault.self) { try await channel.initialize() }
    #expect(fault?.message.contains(status.prefix(3)) == true)
    await channel.close()
  }

  @Test(arguments: ["a b", "ä", String(repeating: "a", count: 1025)])
  func aMalformedSessionIDEndsTheChannel(_ id: String) async throws {
    let server = try await ScriptedServer {
      try await $1.answer("200 OK", ["Mcp-Session-Id: \(id)"], initialized)
    }
    defer { server.stop() }
    let channel = try await StreamableHTTPChannel.to(server)
    await #expect(throws: Fault.self) { try await channel.initialize() }
    await channel.close()
  }

  @Test(arguments: [
    "404 Not Found", "405 Method Not Allowed", "400 Bad Request", "501 Not Implemented",
  ])
  func aServerWithoutAListeningStreamServes(_ status: String) async throws {
    let server = try await Self.server { request, peer in
      if request.method == "GET" { return try await peer.answer(status, type: nil) }
      if request.body.contains("tools/call") {
        return try await peer.answer("200 OK", [], result(1))
      }
      try await peer.answer("202 Accepted", type: nil)
    }
    defer { server.stop() }
    let channel = try await StreamableHTTPChannel.to(server)
    _ = try await channel.initialize()
    try await channel.send(notification("notifications/initialized"))
    try await Task.sleep(for: .milliseconds(200))
    try await channel.send(request(1, "tools/call"))
    #expect(try await channel.next().encoded == Array(result(1).utf8))
    await channel.close()
  }

  @Test func aListeningStreamThatIsGoneIsALostSession() async throws {
    let gets = Counter()
    let server = try await Self.server { request, peer in
      guard request.method == "GET" else { return try await peer.answer("202 Accepted", type: nil) }
      gets.add()
      if gets.value > 1 { return try await peer.answer("404 Not Found", type: nil) }
      try await peer.beginEvents()
      try await peer.chunk("retry: 100\n\n")
      try await peer.endChunks()
    }
    defer { server.stop() }
    let channel = try await StreamableHTTPChannel.to(server)
    _ = try await channel.initialize()
    try await channel.send(notification("notifications/initialized"))
    let fault = await #expect(throws: Fault.self) { try await channel.next() }
    #expect(fault?.kind == .serverGone)
    await channel.close()
  }

  @Test func aChannelThatIsNeverClosedHarmsNobody() async throws {
    let server = try await Self.server { try await $1.answer(type: "application/json", result(1)) }
    defer { server.stop() }
    do {
      let channel = try await StreamableHTTPChannel.to(server)
      _ = try await channel.initialize()
    }
    try await Task.sleep(for: .milliseconds(100))
  }

  @Test func aDeadServerFailsInitialize() async throws {
    let server = try await ScriptedServer { _, _ in }
    let channel = try await StreamableHTTPChannel.to(server)
    server.stop()
    try await Task.sleep(for: .milliseconds(100))
    let fault = await #expect(throws: Fault.self) { try await channel.initialize() }
    #expect(fault?.isRetryable == true)
    await channel.close()
  }

  @Test func anAbandonedRequestClosesItsConnection() async throws {
    let server = try await Self.server { request, peer in
      guard request.body.contains("tools/call") else {
        return try await peer.answer("202 Accepted", type: nil)
      }
      try await peer.beginEvents()
    }
    defer { server.stop() }
    let channel = try await StreamableHTTPChannel.to(server)
    _ = try await channel.initialize()
    try await channel.send(request(1, "tools/call"))
    try await Task.sleep(for: .milliseconds(100))
    #expect(channel.state.withLock { $0.requests.count } == 1)
    let params = JSONText(object: [("requestId", JSONText(1))])
    try await channel.send(
      Message.notification(method: "notifications/cancelled", params: params).encoded)
    for _ in 0..<100 where channel.state.withLock({ !$0.requests.isEmpty }) {
      try await Task.sleep(for: .milliseconds(20))
    }
    #expect(channel.state.withLock { $0.requests.isEmpty })
    await channel.close()
  }

  @Test func closingEndsEverythingAtOnce() async throws {
    let server = try await Self.server { request, peer in
      if request.body.contains("tools/call") || request.method == "GET" {
        return try await peer.beginEvents()
      }
      try await peer.answer("202 Accepted", type: nil)
    }
    defer { server.stop() }
    let channel = try await StreamableHTTPChannel.to(server)
    _ = try await channel.initialize()
    try await channel.send(notification("notifications/initialized"))
    for id in 1...20 { try await channel.send(request(id, "tools/call")) }
    try await Task.sleep(for: .milliseconds(200))
    let start = ContinuousClock.now
    await channel.close()
    #expect(ContinuousClock.now - start < .seconds(3))
    for try await _ in channel.incoming { Issue.record("nothing was sent") }
  }

  @Test func unsolicitedMessagesArriveAndTheStreamIsReopened() async throws {
    let server = try await Self.server { request, peer in
      guard request.method == "GET" else { return try await peer.answer("202 Accepted", type: nil) }
      let number = request.headers["last-event-id"] ?? "0"
      try await peer.beginEvents()
      let next = (Int(number) ?? 0) + 1
      try await peer.chunk(
        "retry: 100\nid: \(next)\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"n/\(next)\"}\n\n")
      try await peer.endChunks()
    }
    defer { server.stop() }
    let channel = try await StreamableHTTPChannel.to(server)
    _ = try await channel.initialize()
    try await channel.send(notification("notifications/initialized"))
    for number in 1...3 {
      #expect(try await channel.next() == .notification(method: "n/\(number)", params: nil))
    }
    await channel.close()
  }

  @Test func anEndlessEventIsCutOff() async throws {
    let error = try await Self.failure { _, peer in
      try await peer.beginEvents()
      try await peer.chunk("data: ")
      let block = String(repeating: "a", count: 1 << 20)
      for _ in 0..<34 { try await peer.chunk(block) }
    }
    #expect(error.data?["fault"]?.string == "too_large")
  }

  @Test func anEndlessJSONAnswerIsCutOff() async throws {
    let error = try await Self.failure { _, peer in
      try await peer.write(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
      let block = String(repeating: " ", count: 1 << 20)
      for _ in 0..<34 { try await peer.chunk(block) }
    }
    #expect(error.data?["fault"]?.string == "too_large")
  }

  @Test func aServerIsNotReadWhileNobodyTakesItsMessages() async throws {
    let written = Counter()
    let server = try await Self.server { request, peer in
      guard request.method == "GET" else { return try await peer.answer("202 Accepted", type: nil) }
      try await peer.beginEvents()
      let event =
        "data: {\"jsonrpc\":\"2.0\",\"method\":\"\(String(repeating: "a", count: 1 << 20))\"}\n\n"
      for _ in 0..<200 {
        try await peer.chunk(event)
        written.add()
      }
    }
    defer { server.stop() }
    let channel = try await StreamableHTTPChannel.to(server)
    _ = try await channel.initialize()
    try await channel.send(notification("notifications/initialized"))
    try await Task.sleep(for: .seconds(2))
    #expect(written.value < 40)
    await channel.close()
  }

  @Test func notifyingAServerThatRefusesThrows() async throws {
    let server = try await Self.server {
      try await $1.answer("500 Internal Server Error", type: nil)
    }
    defer { server.stop() }
    let channel = try await StreamableHTTPChannel.to(server)
    _ = try await channel.initialize()
    let fault = await #expect(throws: Fault.self) {
      try await channel.send(notification("notifications/initialized"))
    }
    #expect(fault?.message.contains("HTTP 500") == true)
    await channel.close()
  }

  @Test func aPrivateAddressIsRefusedBeforeConnecting() async throws {
    let server = RemoteServer(name: "x", url: try RemoteURL("https://192.168.1.1/mcp"))
    let fault = await #expect(throws: Fault.self) {
      try await StreamableHTTPChannel.open(server, through: RemoteConnector(allowInsecure: false))
    }
    #expect(fault?.message.contains("192.168.1.1 is private") == true)
  }
}
