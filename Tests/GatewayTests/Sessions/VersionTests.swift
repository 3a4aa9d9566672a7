import Synchronization
import Testing
import Wire

@testable import Gateway

/// What a client's protocol version does not know does not reach it.
@Suite(.timeLimit(.minutes(1)))
struct VersionTests {
  private static let blocks = #"""
    {"content":[{"type":"text","text":"1"},{"type":"audio","data":"UklGRg==","mimeType":"audio/wav"},\#
    {"type":"resource_link","uri":"file:///x","name":"x","title":"X","mimeType":"text/plain",\#
    "description":"all of it","size":9007199254740993,"annotations":{"priority":1}},\#
    {"type":"unheard-of","n":1.0}],"structuredContent":{"z":1,"a":9007199254740993},"_meta":{"q":[]}}
    """#

  private func result(_ version: String) async throws -> JSONText {
    let gateway = try FakeGateway()
    await gateway.list()
    try await gateway.initialize(version)
    gateway.fleet.make { name, _ in
      let server = FakeServer(name)
      server.on("tools/call") { $0.answer($1, Self.blocks) }
      return server
    }
    let result = try await gateway.request("tools/call", #"{"name":"echo"}"#).last?.result
    await gateway.end()
    return try #require(result)
  }

  @Test(arguments: ["2025-06-18", "2025-11-25"])
  func aResultReachesAClientAsItWasWritten(version: String) async throws {
    #expect(try await result(version).description == Self.blocks)
  }

  @Test(arguments: [
    ("2025-03-26", ["text", "audio", "text", "unheard-of"]),
    ("2024-11-05", ["text", "text", "text", "unheard-of"]),
  ])
  func whatAnOlderClientDoesNotKnowIsText(version: String, types: [String]) async throws {
    let result = try await result(version)
    let blocks = try #require(result["content"]).elements
    #expect(blocks.compactMap { $0["type"]?.string } == types)
    #expect(
      blocks[2]["text"]?.string
        == "Resource X (text/plain, 9007199254740993 bytes) at file:///x: all of it")
    #expect(blocks[2]["annotations"]?.description == #"{"priority":1}"#)
    if types[1] == "text" {
      #expect(blocks[1]["text"]?.string == "Audio (audio/wav, base64): UklGRg==")
    }
    #expect(result["structuredContent"]?.description == #"{"z":1,"a":9007199254740993}"#)
  }

  @Test func messagesOfPromptsAreTranslatedToo() throws {
    let prompt = try JSONText(
      validating: #"""
        {"messages":[{"role":"user","content":{"type":"audio","data":"AA=="}},\#
        {"role":"user","content":{"type":"text","text":"t"}}]}
        """#)
    let shown = ProtocolVersion.november2024.presenting(prompt, of: .getPrompt)
    #expect(
      shown["messages"]?.elements.compactMap { $0["content"]?["text"]?.string }
        == ["Audio (unknown type, base64): AA==", "t"])
    #expect(ProtocolVersion.june2025.presenting(prompt, of: .getPrompt) == prompt)
  }

  // MARK: URLs that a person has to open

  private static let required = #"""
    {"code":-32042,"message":"log in","data":{"elicitations":[{"mode":"url","elicitationId":"e1",\#
    "url":"https://x.test/login","message":"Open it"}]}}
    """#

  private func login(
    _ version: String, _ capabilities: String, completing id: String = "e1"
  ) async throws -> (messages: [Message], unsolicited: [Message]) {
    let gateway = try FakeGateway([.fake(isLongLived: true)])
    await gateway.list()
    _ = try await gateway.send(
      #"""
      {"jsonrpc":"2.0","id":0,"method":"initialize","params":\#
      {"protocolVersion":"\#(version)","capabilities":\#(capabilities)}}
      """#)
    gateway.fleet.make { name, _ in
      let server = FakeServer(name)
      server.on("tools/call") { server, request in
        server.say(#"{"jsonrpc":"2.0","id":\#(request.id.text),"error":\#(Self.required)}"#)
      }
      return server
    }
    let messages = try await gateway.request("tools/call", #"{"name":"echo"}"#)
    gateway.fleet.running.first?.notify(
      "notifications/elicitation/complete", #"{"elicitationId":"\#(id)"}"#)
    gateway.fleet.running.first?.notify("notifications/tools/list_changed")
    try await Task.sleep(for: .milliseconds(150))
    let stream = gateway.session.unsolicited
    await gateway.end()
    var unsolicited: [Message] = []
    for await message in stream { unsolicited.append(message) }
    return (messages, unsolicited)
  }

  @Test(arguments: [("e1", 1), ("somebody-elses", 0)])
  func aClientThatKnowsURLsGetsTheErrorAndItsCompletion(id: String, count: Int) async throws {
    let (messages, unsolicited) = try await login(
      "2025-11-25", #"{"elicitation":{"url":{}}}"#, completing: id)
    #expect(messages.last?.error == RPCError(try JSONText(validating: Self.required)))
    #expect(
      unsolicited.count { $0.isNotification("notifications/elicitation/complete") } == count)
  }

  @Test(arguments: [
    ("2025-06-18", #"{"elicitation":{"url":{}}}"#), ("2025-11-25", #"{"elicitation":{}}"#),
    ("2025-11-25", "{}"),
  ])
  func anyOtherClientGetsWords(version: String, capabilities: String) async throws {
    let (messages, unsolicited) = try await login(version, capabilities)
    let result = try #require(messages.last?.result)
    #expect(result["isError"]?.bool == true)
    #expect(
      result["content"]?.elements.first?["text"]?.string
        == "s cannot go on: log in. Open, then try again: Open it: https://x.test/login")
    #expect(!unsolicited.contains { $0.isNotification("notifications/elicitation/complete") })
  }
}
