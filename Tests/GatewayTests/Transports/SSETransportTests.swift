import Foundation
import Testing

@testable import Gateway

@Suite(.timeLimit(.minutes(2))) struct SSETransportTests {
  /// An open stream and the address to post to.
  static func open(_ probe: HTTPProbe) async -> (stream: RawConnection, address: String) {
    let stream = probe.connect()
    stream.send("GET", "/sse", HTTPProbe.standard, nil)
    let head = await stream.read(until: "\n\n")
    let data = head.components(separatedBy: "event: endpoint\ndata: ").last ?? ""
    return (stream, data.trimmingCharacters(in: .whitespacesAndNewlines))
  }

  @Test func theFirstEventNamesTheAddressAndAnswersComeOnTheStream() async throws {
    try await HTTPProbe.serving(.sse) { probe in
      let (stream, address) = await Self.open(probe)
      defer { stream.close() }
      #expect(address.hasPrefix("/sse?sessionid="))
      for (id, method) in [(1, "fast"), (2, "noisy")] {
        let posted = await probe.request(
          "POST", address, HTTPProbe.standard, HTTPProbe.call(id, method, #"{"count":2}"#))
        #expect(posted?.status == 202)
        #expect(await stream.read(until: #""id":\#(id)"#).contains("event: message"))
      }
      probe.opener.all.first?.announce("notifications/tools/list_changed")
      #expect(await stream.read(until: "list_changed").contains("list_changed"))
    }
  }

  @Test func badMessagesAre400() async throws {
    try await HTTPProbe.serving(.sse) { probe in
      let (stream, address) = await Self.open(probe)
      defer { stream.close() }
      for body in ["nonsense", "[]", "{}"] {
        #expect(await probe.request("POST", address, HTTPProbe.standard, body)?.status == 400)
      }
    }
  }

  /// Public clients take an error status for the end of the session, and read no body.
  @Test(arguments: [
    #"{"text":"a\u0000b"}"#,
    #"{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}"#,
  ])
  func aRequestThatCannotBeServedIsAnsweredOnTheStream(params: String) async throws {
    try await HTTPProbe.serving(.sse) { probe in
      let (stream, address) = await Self.open(probe)
      defer { stream.close() }
      let posted = await probe.request(
        "POST", address, HTTPProbe.standard, HTTPProbe.call(7, "fast", params))
      #expect(posted?.status == 202)
      #expect(await stream.read(until: #""id":7"#).contains(#""id":7"#))
    }
  }

  @Test func aClosedStreamEndsItsSessionAndCallsAtOnce() async throws {
    try await HTTPProbe.serving(.sse) { probe in
      let (stream, address) = await Self.open(probe)
      let posted = await probe.request(
        "POST", address, HTTPProbe.standard, HTTPProbe.call(1, "stuck"))
      #expect(posted?.status == 202)
      #expect(await eventually { probe.opener.all.first?.runningCount == 1 })
      stream.close()
      #expect(
        await eventually {
          probe.opener.all.allSatisfy { $0.isEnded && $0.runningCount == 0 }
        })
      let after = await probe.request(
        "POST", address, HTTPProbe.standard, HTTPProbe.call(2, "fast"))
      #expect(after?.status == 404)
    }
  }

  @Test func aClientThatNeverReadsHoldsNobodyUp() async throws {
    try await HTTPProbe.serving(.sse) { probe in
      let (lazy, address) = await Self.open(probe)
      for id in 1...20 {
        _ = await probe.request(
          "POST", address, HTTPProbe.standard,
          HTTPProbe.call(id, "large", #"{"bytes":1000000}"#))
      }
      let (stream, other) = await Self.open(probe)
      _ = await probe.request("POST", other, HTTPProbe.standard, HTTPProbe.call(77, "fast"))
      #expect(await stream.read(until: #""id":77"#).contains(#""id":77"#))
      stream.close()
      lazy.close()
      #expect(await eventually { probe.opener.all.allSatisfy { $0.runningCount == 0 } })
    }
  }
}
