import Foundation
import Testing

@testable import Gateway

/// What a client finds that lost its connection (MCP, Streamable HTTP, Resumability).
@Suite(.timeLimit(.minutes(2))) struct ResumptionTests {
  static func headers(_ session: String, after id: String) -> [String] {
    StreamableHTTPTests.headers(session) + ["Last-Event-ID: \(id)"]
  }

  /// The ids of the events in `text`, in their order.
  static func ids(_ text: String) -> [String] {
    text.matches(of: /id: ([A-Za-z0-9_-]+)\n/).map { String($0.1) }
  }

  /// The `progress` numbers and the ids of responses in `text`.
  static func progress(_ text: String) -> [Int] {
    text.matches(of: /"progress":(\d+)/).compactMap { Int($0.1) }
  }

  /// Starts a call that sends `count` progress messages and answers after `ms`.
  static func noisy(
    _ probe: HTTPProbe, _ session: String, count: Int, ms: Int = 0, id: Int = 1
  ) -> RawConnection {
    let connection = probe.connect()
    connection.send(
      "POST", "/mcp", StreamableHTTPTests.headers(session),
      HTTPProbe.call(id, "noisy", #"{"count":\#(count),"ms":\#(ms)}"#))
    return connection
  }

  static func resume(_ probe: HTTPProbe, _ session: String, after id: String) async -> RawResponse? {
    await probe.request("GET", "/mcp", headers(session, after: id))
  }

  @Test func aStreamBeginsWithAnIDAndATimeToComeBack() async throws {
    try await HTTPProbe.serving { probe in
      let session = await probe.open()
      let response = await probe.request(
        "POST", "/mcp", StreamableHTTPTests.headers(session),
        HTTPProbe.call(1, "noisy", #"{"count":2}"#))
      let events = response?.body.components(separatedBy: "\n\n") ?? []
      #expect(events.first?.hasPrefix("id: ") == true)
      #expect(events.first?.hasSuffix("\nretry: 1000\ndata: ") == true)
      let ids = Self.ids(response?.body ?? "")
      #expect(ids.count == 4 && Set(ids).count == 4)
    }
  }

  @Test func clientsOfOlderRevisionsGetNoEventWithoutData() async throws {
    try await HTTPProbe.serving(opener: ScriptedOpener(version: "2025-06-18")) { probe in
      let session = await probe.open()
      let response = await probe.request(
        "POST", "/mcp", StreamableHTTPTests.headers(session),
        HTTPProbe.call(1, "noisy", #"{"count":1}"#))
      #expect(response?.body.contains("data: \n") == false)
      #expect(response?.body.contains("retry:") == false)
      #expect(Self.ids(response?.body ?? "").count == 2)
    }
  }

  @Test func aClientThatLostItsConnectionGetsTheRestAndTheAnswer() async throws {
    try await HTTPProbe.serving { probe in
      let session = await probe.open()
      let connection = Self.noisy(probe, session, count: 5, ms: 1_000)
      let seen = await connection.read(until: #""progress":2}}"#)
      connection.close()
      // Not a cancellation: the call goes on.
      let last = try #require(Self.ids(seen).last)
      let response = await Self.resume(probe, session, after: last)
      #expect(response?.status == 200)
      #expect(response?.headers["content-type"] == "text/event-stream")
      #expect(Self.progress(response?.body ?? "") == [3, 4, 5])
      #expect(response?.body.contains(#""id":1,"result""#) == true)
      #expect(probe.opener.all.first?.cancelledCount == 0)
      // As often as it likes, from any event on.
      for id in Self.ids(response?.body ?? "") {
        let again = await Self.resume(probe, session, after: id)
        #expect(again?.status == 200)
        #expect(Self.ids(again?.body ?? "").contains(id) == false)
      }
      let whole = await Self.resume(probe, session, after: try #require(Self.ids(seen).first))
      #expect(Self.progress(whole?.body ?? "") == [1, 2, 3, 4, 5])
    }
  }

  @Test func anAnswerThatCameWhileNobodyWasThereIsKept() async throws {
    try await HTTPProbe.serving { probe in
      let session = await probe.open()
      let connection = Self.noisy(probe, session, count: 1, ms: 300)
      let seen = await connection.read(until: #""progress":1}}"#)
      connection.close()
      #expect(await eventually { probe.opener.all.first?.runningCount == 0 })
      let response = await Self.resume(probe, session, after: try #require(Self.ids(seen).last))
      #expect(response?.body.contains(#""id":1,"result""#) == true)
    }
  }

  @Test func messagesOfOneStreamNeverComeOnAnother() async throws {
    try await HTTPProbe.serving { probe in
      let session = await probe.open()
      let one = Self.noisy(probe, session, count: 3, ms: 300, id: 1)
      let other = Self.noisy(probe, session, count: 3, ms: 300, id: 2)
      let first = await one.read(until: #""progress":1}}"#)
      _ = await other.read(until: #""progress":1}}"#)
      one.close()
      other.close()
      let response = await Self.resume(probe, session, after: try #require(Self.ids(first).last))
      #expect(response?.body.contains(#""id":1,"result""#) == true)
      #expect(response?.body.contains(#""id":2,"#) == false)
      #expect(Self.progress(response?.body ?? "") == [2, 3])
    }
  }

  @Test func anIDOfAnotherSessionIsUnknown() async throws {
    try await HTTPProbe.serving { probe in
      let (mine, other) = (await probe.open(), await probe.open())
      let response = await probe.request(
        "POST", "/mcp", StreamableHTTPTests.headers(mine),
        HTTPProbe.call(1, "noisy", #"{"count":1}"#))
      let ids = Self.ids(response?.body ?? "")
      #expect(!ids.isEmpty)
      for id in ids {
        let foreign = await Self.resume(probe, other, after: id)
        #expect(foreign?.status == 400)
        #expect(foreign?.body.contains("progress") == false)
      }
      for id in ["", "0", "1", "é", String(repeating: "A", count: 5000), "AAAA,AAAA"] {
        #expect(await Self.resume(probe, mine, after: id)?.status == 400)
      }
    }
  }

  @Test func whatIsNotKeptAnyMoreIs400() async throws {
    try await HTTPProbe.serving {
      $0.replay = EventLog.Limits(events: 3)
    } _: { probe in
      let session = await probe.open()
      let response = await probe.request(
        "POST", "/mcp", StreamableHTTPTests.headers(session),
        HTTPProbe.call(1, "noisy", #"{"count":10}"#))
      let ids = Self.ids(response?.body ?? "")
      #expect(await Self.resume(probe, session, after: ids[1])?.status == 400)
      #expect(await Self.resume(probe, session, after: ids[ids.count - 3])?.status == 200)
    }
  }

  @Test func theStreamOfUnsolicitedMessagesIsResumedToo() async throws {
    try await HTTPProbe.serving { probe in
      let session = await probe.open()
      let stream = probe.connect()
      defer { stream.close() }
      stream.send("GET", "/mcp", StreamableHTTPTests.headers(session), nil)
      let head = await stream.read(until: "data: \n\n")
      let beginning = try #require(Self.ids(head).last)
      probe.opener.all.first?.announce("notifications/tools/list_changed")
      _ = await stream.read(until: "tools/list_changed")
      // The client noticed the loss before we did: it takes its place back.
      let again = probe.connect()
      defer { again.close() }
      again.send("GET", "/mcp", Self.headers(session, after: beginning), nil)
      #expect(await again.read(until: "}\n\n").contains("tools/list_changed"))
      #expect(await stream.read(until: "0\r\n\r\n").hasSuffix("0\r\n\r\n"))
      probe.opener.all.first?.announce("notifications/prompts/list_changed")
      #expect(await again.read(until: "prompts/list_changed").contains("prompts"))
      #expect(await probe.request("GET", "/mcp", StreamableHTTPTests.headers(session))?.status == 409)
    }
  }

  @Test func deletingTheSessionEndsWhatCouldBeResumed() async throws {
    try await HTTPProbe.serving { probe in
      let session = await probe.open()
      let connection = Self.noisy(probe, session, count: 1, ms: 60_000)
      let seen = await connection.read(until: #""progress":1}}"#)
      connection.close()
      #expect(
        await probe.request("DELETE", "/mcp", StreamableHTTPTests.headers(session))?.status == 204)
      #expect(await eventually { probe.opener.all.first?.cancelledCount == 1 })
      let id = try #require(Self.ids(seen).last)
      #expect(await Self.resume(probe, session, after: id)?.status == 404)
    }
  }

  @Test func aReaderThatDoesNotReadHoldsUpNobodyElse() async throws {
    try await HTTPProbe.serving {
      $0.connections.stallTime = .seconds(60)
    } _: { probe in
      let session = await probe.open()
      let lazy = Self.noisy(probe, session, count: 1_000_000, id: 1)
      defer { lazy.close() }
      #expect(await eventually { probe.opener.all.first?.runningCount == 1 })
      for id in 2...5 {
        let response = await probe.request(
          "POST", "/mcp", StreamableHTTPTests.headers(session),
          HTTPProbe.call(id, "noisy", #"{"count":20}"#))
        #expect(Self.progress(response?.body ?? "").count == 20)
      }
    }
  }

  @Test func oneIdentityLeavesRoomForOthers() async throws {
    try await HTTPProbe.serving {
      $0.sessions.callsPerIdentity = 2
    } _: { probe in
      let (one, other) = (await probe.open(), await probe.open())
      let busy = [one, other].enumerated().map { id, session in
        let connection = probe.connect()
        connection.send(
          "POST", "/mcp", StreamableHTTPTests.headers(session), HTTPProbe.call(id, "stuck"))
        return connection
      }
      #expect(await eventually { probe.opener.all.allSatisfy { $0.runningCount == 1 } })
      let third = await probe.request(
        "POST", "/mcp", StreamableHTTPTests.headers(one), HTTPProbe.call(9, "slow"))
      #expect(third?.status == 200)
      #expect(third?.body.contains("over_limit") == true)
      for connection in busy { connection.close() }
      _ = await probe.request("DELETE", "/mcp", StreamableHTTPTests.headers(other))
      #expect(
        await eventually {
          await probe.request(
            "POST", "/mcp", StreamableHTTPTests.headers(one), HTTPProbe.call(10, "slow"))?.body
            .contains("result") == true
        })
    }
  }
}
