import Foundation
import NIOCore
import Testing

@testable import Gateway

@Suite(.timeLimit(.minutes(2))) struct StreamableHTTPTests {
  static func headers(_ session: String) -> [String] {
    HTTPProbe.standard + ["Mcp-Session-Id: \(session)"]
  }

  @Test func aQuickAnswerIsJSONAndTheConnectionIsKept() async throws {
    try await HTTPProbe.serving {
      $0.timing.patience = .seconds(60)
    } _: { probe in
      let session = await probe.open()
      let connection = probe.connect()
      defer { connection.close() }
      for id in 1...3 {
        let response = await connection.request(
          "POST", "/mcp", Self.headers(session), HTTPProbe.call(id, "large", #"{"ms":20}"#))
        #expect(response?.headers["content-type"] == "application/json")
        #expect(response?.body == #"{"jsonrpc":"2.0","id":\#(id),"result":{"filling":""}}"#)
      }
    }
  }

  @Test func aSlowAnswerBecomesAnEventStream() async throws {
    try await HTTPProbe.serving {
      $0.timing.patience = .milliseconds(10)
    } _: { probe in
      let session = await probe.open()
      let response = await probe.request(
        "POST", "/mcp", Self.headers(session), HTTPProbe.call(1, "slow", #"{"ms":400}"#))
      #expect(response?.headers["content-type"] == "text/event-stream")
      #expect(response?.headers["cache-control"] == "no-cache, no-transform")
      #expect(response?.headers["x-accel-buffering"] == "no")
      #expect(
        response?.body.hasSuffix(
          "\nevent: message\ndata: {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"filling\":\"\"}}\n\n"
        ) == true)
    }
  }

  @Test func progressComesOnTheStreamOfItsRequest() async throws {
    try await HTTPProbe.serving { probe in
      let session = await probe.open()
      let response = await probe.request(
        "POST", "/mcp", Self.headers(session), HTTPProbe.call(1, "noisy", #"{"count":100}"#))
      let events =
        response?.body.components(separatedBy: "\n\n").filter { $0.contains("data: {") } ?? []
      #expect(events.count == 101)
      #expect(events.dropLast().allSatisfy { $0.contains("notifications/progress") })
      #expect(events.last?.contains(#""id":1"#) == true)
    }
  }

  @Test func aQuietStreamIsKeptAlive() async throws {
    try await HTTPProbe.serving {
      $0.timing = ReplyTiming(
        patience: .milliseconds(10), keepAlive: .milliseconds(50))
    } _: { probe in
      let session = await probe.open()
      let response = await probe.request(
        "POST", "/mcp", Self.headers(session), HTTPProbe.call(1, "slow", #"{"ms":1500}"#))
      #expect((response?.body.components(separatedBy: ": ping\n\n").count ?? 0) > 2)
    }
  }

  @Test func aSlowRequestDoesNotDelayOthersOfTheSession() async throws {
    try await HTTPProbe.serving { probe in
      let session = await probe.open()
      let slow = probe.connect()
      slow.send("POST", "/mcp", Self.headers(session), HTTPProbe.call(1, "stuck"))
      let fast = await probe.request(
        "POST", "/mcp", Self.headers(session), HTTPProbe.call(2, "fast"))
      #expect(fast?.status == 200)
      #expect(await eventually { probe.opener.all.first?.runningCount == 1 })
      slow.close()
    }
  }

  @Test func aCancelledRequestEndsWithoutResponse() async throws {
    try await HTTPProbe.serving { probe in
      let session = await probe.open()
      let connection = probe.connect()
      defer { connection.close() }
      connection.send("POST", "/mcp", Self.headers(session), HTTPProbe.call(1, "stuck"))
      #expect(await eventually { probe.opener.all.contains { $0.runningCount == 1 } })
      let cancel =
        #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#
      #expect(await probe.request("POST", "/mcp", Self.headers(session), cancel)?.status == 202)
      let response = await connection.response()
      #expect(response?.status == 200)
      #expect(response?.body.contains("data: {") == false)
    }
  }

  @Test func unsolicitedMessagesComeOnTheOneStream() async throws {
    try await HTTPProbe.serving { probe in
      let session = await probe.open()
      let stream = probe.connect()
      stream.send("GET", "/mcp", Self.headers(session), nil)
      #expect(await stream.read(until: "\r\n\r\n").contains("text/event-stream"))
      #expect(await probe.request("GET", "/mcp", Self.headers(session))?.status == 409)
      probe.opener.all.first?.announce("notifications/tools/list_changed")
      #expect(await stream.read(until: "}\n\n").contains("notifications/tools/list_changed"))
      stream.close()
      // The place is free again, and what came in between is not lost.
      #expect(
        await eventually {
          let again = probe.connect()
          defer { again.close() }
          again.send("GET", "/mcp", Self.headers(session), nil)
          guard await again.read(until: "\r\n\r\n").contains(" 200 ") else { return false }
          probe.opener.all.first?.announce("notifications/prompts/list_changed")
          return await again.read(until: "}\n\n").contains("notifications/prompts/list_changed")
        })
    }
  }

  @Test func deletingASessionEndsItsStreamsAndCalls() async throws {
    try await HTTPProbe.serving { probe in
      let session = await probe.open()
      let stream = probe.connect()
      stream.send("GET", "/mcp", Self.headers(session), nil)
      _ = await stream.read(until: "\r\n\r\n")
      let call = probe.connect()
      call.send("POST", "/mcp", Self.headers(session), HTTPProbe.call(1, "stuck"))
      #expect(await eventually { probe.opener.all.contains { $0.runningCount == 1 } })
      #expect(await probe.request("DELETE", "/mcp", Self.headers(session))?.status == 204)
      #expect(probe.opener.all.first?.isEnded == true)
      #expect(await stream.read(until: "0\r\n\r\n").hasSuffix("0\r\n\r\n"))
      #expect(await call.response()?.status == 200)
      #expect(await eventually { probe.opener.all.first?.runningCount == 0 })
      let after = await probe.request(
        "POST", "/mcp", Self.headers(session), HTTPProbe.call(2, "fast"))
      #expect(after?.status == 404)
      stream.close()
      call.close()
    }
  }

  @Test func aSessionNobodyUsesEnds() async throws {
    try await HTTPProbe.serving {
      $0.sessionIdleTime = .milliseconds(300)
    } _: { probe in
      let session = await probe.open()
      #expect(await eventually { probe.opener.all.first?.isEnded == true })
      let after = await probe.request(
        "POST", "/mcp", Self.headers(session), HTTPProbe.call(2, "fast"))
      #expect(after?.status == 404)
    }
  }

  @Test func aSessionInUseDoesNotEnd() async throws {
    try await HTTPProbe.serving {
      $0.sessionIdleTime = .seconds(2)
    } _: { probe in
      let session = await probe.open()
      let stream = probe.connect()
      stream.send("GET", "/mcp", Self.headers(session), nil)
      #expect(await stream.read(until: "\r\n\r\n").contains(" 200 "))
      try await Task.sleep(for: .milliseconds(2500))
      #expect(probe.opener.all.first?.isEnded == false)
      stream.close()
      #expect(await eventually { probe.opener.all.first?.isEnded == true })
    }
  }

  @Test func callsOfVanishedClientsAreCancelled() async throws {
    try await HTTPProbe.serving {
      $0.sessions.vanished = .milliseconds(500)
      $0.sessions.perIdentity = 1000
    } _: { probe in
      for _ in 1...200 {
        let connection = probe.connect()
        let opened = await connection.request(
          "POST", "/mcp", HTTPProbe.standard, HTTPProbe.initialize)
        let session = opened?.headers["mcp-session-id"] ?? ""
        connection.send("POST", "/mcp", Self.headers(session), HTTPProbe.call(1, "stuck"))
        try await Task.sleep(for: .milliseconds(2))
        connection.close()
      }
      #expect(
        await eventually {
          probe.opener.all.allSatisfy { $0.runningCount == 0 }
        })
      #expect(probe.opener.all.reduce(0) { $0 + $1.cancelledCount } > 0)
      #expect(
        await eventually {
          probe.opener.all.allSatisfy { $0.cancelledCount == 0 || $0.releases > 0 }
        })
    }
  }

  @Test func aCallGoesOnWhileItsClientHasAnotherConnection() async throws {
    try await HTTPProbe.serving {
      $0.sessions.vanished = .milliseconds(100)
    } _: { probe in
      let session = await probe.open()
      let stream = probe.connect()
      stream.send("GET", "/mcp", Self.headers(session), nil)
      #expect(await stream.read(until: "\r\n\r\n").contains(" 200 "))
      let call = probe.connect()
      call.send("POST", "/mcp", Self.headers(session), HTTPProbe.call(1, "stuck"))
      #expect(await eventually { probe.opener.all.first?.runningCount == 1 })
      call.close()
      try await Task.sleep(for: .milliseconds(600))
      #expect(probe.opener.all.first?.runningCount == 1)
      stream.close()
      #expect(await eventually { probe.opener.all.first?.runningCount == 0 })
    }
  }

  @Test func tooManyCallsOfOneSessionAreRefusedOneByOne() async throws {
    try await HTTPProbe.serving {
      $0.sessions.callsPerSession = 2
    } _: { probe in
      let session = await probe.open()
      let busy = [probe.connect(), probe.connect()]
      for (id, connection) in busy.enumerated() {
        connection.send("POST", "/mcp", Self.headers(session), HTTPProbe.call(id, "stuck"))
      }
      #expect(await eventually { probe.opener.all.first?.runningCount == 2 })
      let third = await probe.request(
        "POST", "/mcp", Self.headers(session), HTTPProbe.call(3, "slow"))
      #expect(third?.status == 200)
      #expect(third?.body.contains("over_limit") == true)
      for connection in busy { connection.close() }
    }
  }

  @Test func moreSessionsThanAllowedAreRefusedUnlessOneWasLeftAlone() async throws {
    try await HTTPProbe.serving {
      $0.sessions.perIdentity = 2
      $0.sessions.abandoned = .milliseconds(300)
    } _: { probe in
      let first = probe.connect()
      _ = await first.request("POST", "/mcp", HTTPProbe.standard, HTTPProbe.initialize)
      let second = probe.connect()
      _ = await second.request("POST", "/mcp", HTTPProbe.standard, HTTPProbe.initialize)
      let third = await probe.request("POST", "/mcp", HTTPProbe.standard, HTTPProbe.initialize)
      #expect(third?.status == 503)
      #expect(third?.body.contains("over_limit") == true)
      second.close()
      #expect(
        await eventually {
          await probe.request("POST", "/mcp", HTTPProbe.standard, HTTPProbe.initialize)?.status
            == 200
        })
      #expect(await eventually { probe.opener.all.map(\.isEnded) == [false, true, false] })
      first.close()
    }
  }

  @Test func anOpenerThatRefusesIs503() async throws {
    try await HTTPProbe.serving(opener: ScriptedOpener(limit: 0)) { probe in
      let response = await probe.request(
        "POST", "/mcp", HTTPProbe.standard, HTTPProbe.initialize)
      #expect(response?.status == 503)
    }
  }

  @Test func stoppingEndsSessionsStreamsAndCalls() async throws {
    let opener = ScriptedOpener()
    var left: [RawConnection] = []
    let start = ContinuousClock.now
    try await HTTPProbe.serving(opener: opener) { probe in
      let session = await probe.open()
      for (method, body) in [("GET", nil), ("POST", HTTPProbe.call(1, "stuck"))] {
        let connection = probe.connect()
        connection.send(method, "/mcp", Self.headers(session), body)
        left.append(connection)
      }
      left.append(probe.connect())
      #expect(await eventually { opener.all.contains { $0.runningCount == 1 } })
    }
    #expect(ContinuousClock.now - start < .seconds(20))
    #expect(opener.all.allSatisfy { $0.isEnded && $0.runningCount == 0 })
    for connection in left {
      #expect(await connection.isClosedByPeer())
      connection.close()
    }
  }

  @Test func cancellingTheTaskThatServesEndsIt() async throws {
    let opener = ScriptedOpener()
    let transport = try await HTTPTransport.bind(
      HTTPConfiguration(.streaming, port: 0, authenticator: .allowUnauthenticated))
    let serving = Task { try await transport.serve(opener) }
    let probe = HTTPProbe(transport: transport, opener: opener)
    #expect(await probe.request("GET", "/health")?.status == 200)
    _ = await probe.open()
    serving.cancel()
    try await serving.value
    #expect(opener.all.map(\.isEnded) == [true])
    #expect(await probe.request("GET", "/health") == nil)
  }

  @Test func aTransportThatIsNeverServedFreesItsPort() async throws {
    var port = 0
    do {
      let transport = try await HTTPTransport.bind(
        HTTPConfiguration(.streaming, port: 0, authenticator: .allowUnauthenticated))
      port = transport.port
      let early = RawConnection(port: port)
      early.send("GET", "/health", [], nil)
      try await Task.sleep(for: .milliseconds(50))
      early.close()
    }
    let taken = port
    #expect(
      await eventually {
        let again = HTTPConfiguration(
          .streaming, port: taken, authenticator: .allowUnauthenticated)
        return (try? await HTTPTransport.bind(again)) != nil
      })
  }

  @Test func aTakenPortIsAProblemAtOnce() async throws {
    try await HTTPProbe.serving { probe in
      let again = HTTPConfiguration(
        .streaming, port: probe.transport.port, authenticator: .allowUnauthenticated)
      await #expect(throws: (any Error).self) { try await HTTPTransport.bind(again) }
      #expect(probe.transport.url == "http://127.0.0.1:\(probe.transport.port)/mcp")
    }
  }

  @Test func aBatchIsAnsweredWhereTheRevisionHasBatches() async throws {
    try await HTTPProbe.serving(opener: ScriptedOpener(version: "2025-03-26")) { probe in
      let session = await probe.open()
      func send(_ parts: String...) async -> RawResponse? {
        await probe.request(
          "POST", "/mcp", Self.headers(session), "[\(parts.joined(separator: ","))]")
      }
      let note = #"{"jsonrpc":"2.0","method":"notifications/x"}"#
      #expect(await send(note, note)?.status == 202)
      let quick = await send(HTTPProbe.call(1, "fast"), note, HTTPProbe.call(2, "nope"), "7")
      #expect(quick?.headers["content-type"] == "application/json")
      #expect(quick?.body.hasPrefix("[") == true && quick?.body.hasSuffix("]") == true)
      for part in [#""id":1,"result""#, #""id":2,"error""#, #""id":null,"error""#] {
        #expect(quick?.body.contains(part) == true, "\(part)")
      }
      let slow = await send(
        HTTPProbe.call(3, "slow", #"{"ms":20}"#), HTTPProbe.call(4, "noisy", #"{"count":2}"#))
      #expect(slow?.headers["content-type"] == "text/event-stream")
      #expect(slow?.body.components(separatedBy: "data: {").count == 5)
      #expect(await send()?.status == 400)
    }
  }

  @Test func aBatchOfAnotherRevisionIs400() async throws {
    try await HTTPProbe.serving { probe in
      let session = await probe.open()
      let response = await probe.request(
        "POST", "/mcp", Self.headers(session), "[\(HTTPProbe.call(1, "fast"))]")
      #expect(response?.status == 400)
      #expect(response?.body.contains("-32600") == true)
      #expect(probe.opener.all.first?.begun == ["initialize"])
    }
  }
}
