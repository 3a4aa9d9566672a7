import Foundation
import NIOCore
import Testing

@testable import Gateway

/// What a connection may do before, between and after requests.
@Suite(.timeLimit(.minutes(2))) struct HTTPConnectionTests {
  static func limits(_ change: (inout ConnectionLimits) -> Void) -> ConnectionLimits {
    var limits = ConnectionLimits()
    change(&limits)
    return limits
  }

  /// Some of these connections are accepted and set up, but not yet served, when serving ends.
  @Test func connectionsThatArriveWhileServingEndsAreEndedToo() async throws {
    for _ in 0..<40 {
      try await HTTPProbe.serving { probe in
        await withTaskGroup(of: RawConnection?.self) { group in
          for _ in 0..<8 { group.addTask { probe.connect() } }
          group.addTask {
            probe.transport.stop()
            return nil
          }
          for await connection in group {
            guard let connection else { continue }
            #expect(await connection.isClosedByPeer())
            connection.close()
          }
        }
      }
    }
  }

  @Test func connectionsOfATransportThatNeverServesAreEnded() async throws {
    var transport: HTTPTransport? = try await HTTPTransport.bind(
      HTTPConfiguration(.streaming, port: 0, authenticator: .allowUnauthenticated))
    let connections = try (0..<4).map { _ in RawConnection(port: try #require(transport).port) }
    transport = nil
    for connection in connections {
      #expect(await connection.isClosedByPeer())
      connection.close()
    }
  }

  @Test func aLargeHeaderOrTooManyAre431() async throws {
    try await HTTPProbe.serving { probe in
      let long = "X-Long: " + String(repeating: "x", count: 20_000)
      #expect(await probe.request("GET", "/health", [long])?.status == 431)
      let many = (1...10).map { "X-\($0): " + String(repeating: "x", count: 10_000) }
      #expect(await probe.request("GET", "/health", many)?.status == 431)
    }
  }

  @Test(arguments: [
    ("nonsense\r\n\r\n", 400), ("GET / HTTP/9.9\r\n\r\n", 505), ("\u{16}\u{3}\u{1}", 400),
    ("GET /\u{1} HTTP/1.1\r\n\r\n", 400), ("GET / HTTP/1.1\nHost: x\n\n", 400),
  ])
  func whatIsNotHTTPIsRefused(text: String, status: Int) async throws {
    try await HTTPProbe.serving { probe in
      let connection = probe.connect()
      defer { connection.close() }
      connection.send(text)
      let answer = await connection.response()
      #expect(answer?.status == status)
      #expect(answer?.headers["connection"] == "close")
      #expect(await connection.isClosedByPeer())
    }
  }

  @Test func aHeadThatNeverEndsIs408() async throws {
    try await HTTPProbe.serving {
      $0.connections = Self.limits { $0.headTime = .milliseconds(300) }
    } _: { probe in
      let connection = probe.connect()
      defer { connection.close() }
      connection.send("POST /mcp HTTP/1.1\r\nHost: localhost\r\n")
      // One line after the other moves nothing, however long they go on.
      let trickle = Task {
        while !Task.isCancelled {
          connection.send("X: y\r\n")
          try await Task.sleep(for: .milliseconds(50))
        }
      }
      #expect(await connection.response()?.status == 408)
      trickle.cancel()
      _ = await trickle.result
      #expect(await connection.isClosedByPeer())
    }
  }

  @Test func aSecondHeadThatNeverEndsIs408() async throws {
    try await HTTPProbe.serving {
      // Long enough for the first head on a machine that is busy with other things.
      $0.connections = Self.limits { $0.headTime = .seconds(6) }
    } _: { probe in
      let connection = probe.connect()
      defer { connection.close() }
      #expect(await connection.request("GET", "/health")?.status == 200)
      connection.send("GET /health HTTP/1.1\r\n")
      #expect(await connection.response()?.status == 408)
    }
  }

  @Test func aBodyThatNeverComesIs408() async throws {
    try await HTTPProbe.serving {
      $0.connections = Self.limits { $0.bodyTime = .milliseconds(300) }
    } _: { probe in
      let connection = probe.connect()
      defer { connection.close() }
      connection.send(
        "POST", "/mcp", HTTPProbe.standard + ["Content-Length: 100"], "{")
      #expect(await connection.response()?.status == 408)
      #expect(await connection.isClosedByPeer())
    }
  }

  @Test func anIdleConnectionIsClosed() async throws {
    try await HTTPProbe.serving {
      $0.connections = Self.limits { $0.idleTime = .milliseconds(200) }
    } _: { probe in
      let connection = probe.connect()
      defer { connection.close() }
      #expect(await connection.request("GET", "/health")?.status == 200)
      #expect(await connection.isClosedByPeer())
    }
  }

  @Test func aBodyOverTheLimitIs413HoweverItComes() async throws {
    try await HTTPProbe.serving {
      $0.bodyLimit = 1000
    } _: { probe in
      let large = String(repeating: " ", count: 1001)
      let declared = await probe.request("POST", "/mcp", HTTPProbe.standard, large)
      #expect(declared?.status == 413)
      let chunked = probe.connect()
      defer { chunked.close() }
      chunked.send(
        "POST", "/mcp", HTTPProbe.standard + ["Transfer-Encoding: chunked", "Content-Length-X: 1"],
        nil)
      for _ in 0..<5 { chunked.send("100\r\n" + String(repeating: " ", count: 256) + "\r\n") }
      #expect(await chunked.response()?.status == 413)
      let exact =
        HTTPProbe.initialize + String(repeating: " ", count: 1000 - HTTPProbe.initialize.utf8.count)
      #expect(await probe.request("POST", "/mcp", HTTPProbe.standard, exact)?.status == 200)
    }
  }

  @Test func aRefusedBodyIsNotWaitedForForever() async throws {
    try await HTTPProbe.serving {
      $0.connections = Self.limits { $0.lingerTime = .milliseconds(200) }
    } _: { probe in
      let connection = probe.connect()
      defer { connection.close() }
      connection.send(
        "POST", "/mcp", HTTPProbe.standard + ["Content-Length: 300000000"], "{")
      #expect(await connection.response()?.status == 413)
      #expect(await connection.isClosedByPeer())
    }
  }

  @Test func aClientThatAsksBeforeSendingIsToldToGoOn() async throws {
    try await HTTPProbe.serving { probe in
      let connection = probe.connect()
      defer { connection.close() }
      connection.send(
        "POST", "/mcp",
        HTTPProbe.standard + [
          "Expect: 100-continue", "Content-Length: \(HTTPProbe.initialize.utf8.count)",
        ], nil)
      #expect(await connection.read(until: "\r\n\r\n").hasPrefix("HTTP/1.1 100 "))
      connection.send(HTTPProbe.initialize)
      #expect(await connection.response()?.status == 200)
    }
  }

  @Test(arguments: [
    "Content-Length: 5\r\nTransfer-Encoding: chunked", "Content-Length: 5\r\nContent-Length: 6",
    "Content-Length: -1", "Content-Length: 5x", "Transfer-Encoding: gzip, nonsense",
    "X : y", " folded: y",
  ])
  func ambiguousFramingIs400(header: String) async throws {
    try await HTTPProbe.serving { probe in
      let connection = probe.connect()
      defer { connection.close() }
      let head = (["POST /mcp HTTP/1.1", "Host: localhost"] + HTTPProbe.standard + [header])
      connection.send(head.joined(separator: "\r\n") + "\r\n\r\n0\r\n\r\n")
      #expect(await connection.response()?.status == 400)
    }
  }

  @Test func pipelinedRequestsAreAnsweredInOrder() async throws {
    try await HTTPProbe.serving { probe in
      let session = await probe.open()
      let connection = probe.connect()
      defer { connection.close() }
      let headers = StreamableHTTPTests.headers(session)
      connection.send("POST", "/mcp", headers, HTTPProbe.call(1, "slow", #"{"ms":50}"#))
      connection.send("POST", "/mcp", headers, HTTPProbe.call(2, "fast"))
      connection.send("GET", "/health", [], nil)
      #expect(await connection.response()?.body.contains(#""id":1"#) == true)
      #expect(await connection.response()?.body.contains(#""id":2"#) == true)
      #expect(await connection.response()?.status == 200)
    }
  }

  @Test func aClientThatReadsNothingLosesItsConnection() async throws {
    try await HTTPProbe.serving {
      $0.connections = Self.limits { $0.stallTime = .milliseconds(300) }
      $0.sessions.vanished = .milliseconds(100)
    } _: { probe in
      let session = await probe.open()
      let connection = probe.connect()
      defer { connection.close() }
      let headers = StreamableHTTPTests.headers(session)
      // Progress without end: only the loss of the connection can stop it.
      connection.send(
        "POST", "/mcp", headers, HTTPProbe.call(1, "noisy", #"{"count":1000000}"#))
      #expect(await eventually { probe.opener.all.first?.runningCount == 1 })
      #expect(
        await eventually { probe.opener.all.first?.cancelledCount == 1 })
    }
  }

  @Test(arguments: [[], ["Connection: close"]])
  func aClientThatReadsSlowlyGetsItsAnswer(more: [String]) async throws {
    try await HTTPProbe.serving {
      $0.connections = Self.limits {
        $0.stallTime = .seconds(5)
        $0.lingerTime = .milliseconds(100)
      }
    } _: { probe in
      let session = await probe.open()
      let connection = probe.connect()
      defer { connection.close() }
      let headers = StreamableHTTPTests.headers(session) + more
      connection.send(
        "POST", "/mcp", headers, HTTPProbe.call(1, "large", #"{"bytes":30000000}"#))
      // Far less than all fits into the system's buffers; and all together takes longer than a client
      // may stand still.
      let begin = ContinuousClock.now
      #expect(await connection.read(30_000_000, inStepsOf: 400_000, each: 0.1) == 30_000_000)
      #expect(ContinuousClock.now - begin > .seconds(6))
    }
  }

  @Test func connectionsThatAreResetAtOnceHarmNobody() async throws {
    try await HTTPProbe.serving { probe in
      for round in 0..<200 {
        let connection = probe.connect()
        var linger = linger(l_onoff: 1, l_linger: 0)
        let size = socklen_t(MemoryLayout.size(ofValue: linger))
        setsockopt(connection.socket, SOL_SOCKET, SO_LINGER, &linger, size)
        if round % 2 == 0 { connection.send("POST /mcp HTTP/1.1\r\nHost: localhost\r\nConte") }
        connection.close()
        // An answer says that the listener has taken those before: a full backlog would block
        // `connect`, and with it other tests.
        if round % 20 == 19 { #expect(await probe.request("GET", "/health")?.status == 200) }
      }
      let answer = await probe.request("GET", "/health")
      #expect(answer?.status == 200)
    }
  }

  @Test func aConnectionTooManyIs503WhileAllAreBusy() async throws {
    try await HTTPProbe.serving {
      $0.connections = Self.limits { $0.connections = 2 }
    } _: { probe in
      let session = await probe.open()
      let held = [probe.connect(), probe.connect()]
      for (id, connection) in held.enumerated() {
        connection.send(
          "POST", "/mcp", StreamableHTTPTests.headers(session), HTTPProbe.call(id, "stuck"))
      }
      #expect(await eventually { probe.opener.all.first?.runningCount == 2 })
      let third = probe.connect()
      #expect(await third.response()?.status == 503)
      #expect(await third.isClosedByPeer())
      third.close()
      held[0].close()
      #expect(await eventually { await probe.request("GET", "/health")?.status == 200 })
      held[1].close()
    }
  }

  @Test func whoeverDoesNothingGivesWayAndStrangersFirst() async throws {
    try await HTTPProbe.serving {
      $0.connections = Self.limits { $0.connections = 3 }
    } _: { probe in
      let session = await probe.open()
      let headers = StreamableHTTPTests.headers(session)
      let guest = probe.connect()
      #expect(
        await guest.request("POST", "/mcp", headers, HTTPProbe.call(1, "fast"))?.status == 200)
      let slow = probe.connect()
      slow.send("POST", "/mcp", headers + ["Content-Length: 100"], "{")
      let flood = (0..<20).map { _ in probe.connect() }
      for stranger in flood.dropLast() { #expect(await stranger.isClosedByPeer()) }
      #expect(
        await guest.request("POST", "/mcp", headers, HTTPProbe.call(2, "fast"))?.status == 200)
      for connection in flood + [guest, slow] { connection.close() }
    }
  }

  @Test(arguments: [
    "Connection: Upgrade\r\nUpgrade: websocket",
    "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__",
  ])
  func aRequestThatWouldLikeToUpgradeIsAnsweredLikeOthers(header: String) async throws {
    try await HTTPProbe.serving { probe in
      let connection = probe.connect()
      defer { connection.close() }
      let headers = HTTPProbe.standard + [header]
      let first = await connection.request("POST", "/mcp", headers, HTTPProbe.initialize)
      #expect(first?.status == 200)
      #expect(await connection.request("GET", "/health")?.status == 200)
    }
  }

  @Test(arguments: [["Content-Length: 99999999"], ["Transfer-Encoding: chunked"]])
  func whoeverSendsTooMuchIsToldThatTheConnectionEnds(framing: [String]) async throws {
    try await HTTPProbe.serving { probe in
      let connection = probe.connect()
      defer { connection.close() }
      connection.send("POST", "/mcp", HTTPProbe.standard + framing, nil)
      if framing[0].hasSuffix("chunked") {
        connection.send("FFFFFF\r\n" + String(repeating: " ", count: 5 << 20))
      }
      let answer = await connection.response()
      #expect(answer?.status == 413)
      #expect(answer?.headers["connection"] == "close")
      #expect(await connection.isClosedByPeer())
    }
  }

  @Test func aClientThatAsksBeforeSendingIsToldNo() async throws {
    try await HTTPProbe.serving { probe in
      let connection = probe.connect()
      defer { connection.close() }
      connection.send(
        "POST", "/mcp",
        ["Content-Type: application/json", "Expect: 100-continue", "Content-Length: 10"], nil)
      let answer = await connection.read(until: "\r\n\r\n")
      #expect(answer.hasPrefix("HTTP/1.1 401 "))
      #expect(answer.contains("\r\nConnection: close\r\n"), "what follows may be a body or not")
    }
  }

  @Test func aRefusedBodyThatIsShortCostsNoConnection() async throws {
    try await HTTPProbe.serving { probe in
      let connection = probe.connect()
      defer { connection.close() }
      for _ in 0..<3 {
        let body = String(repeating: "GET /health HTTP/1.1\r\n\r\n", count: 100)
        #expect(await connection.request("POST", "/mcp", [], body)?.status == 401)
      }
      #expect(await connection.request("GET", "/health")?.status == 200)
    }
  }

  @Test func theAnswerToHEADHasNoBody() async throws {
    try await HTTPProbe.serving { probe in
      let connection = probe.connect()
      defer { connection.close() }
      connection.send("HEAD", "/mcp", [HTTPProbe.authorization], nil)
      let head = await connection.read(until: "\r\n\r\n")
      #expect(head.hasPrefix("HTTP/1.1 405 "))
      #expect(head.contains("Content-Length: "))
      #expect(await connection.request("GET", "/health")?.status == 200)
    }
  }

  @Test func anOldClientGetsItsAnswerAndTheEnd() async throws {
    try await HTTPProbe.serving {
      $0.timing.patience = .milliseconds(1)
    } _: { probe in
      let session = await probe.open()
      let connection = probe.connect()
      defer { connection.close() }
      let body = HTTPProbe.call(1, "slow", #"{"ms":200}"#)
      let head =
        ["POST /mcp HTTP/1.0", "Host: localhost", "Content-Length: \(body.utf8.count)"]
        + StreamableHTTPTests.headers(session)
      connection.send(head.joined(separator: "\r\n") + "\r\n\r\n" + body)
      let answer = await connection.read(until: "nothing of the kind")
      #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
      #expect(!answer.lowercased().contains("chunked"))
      #expect(answer.contains(#""id":1"#))
    }
  }
}
