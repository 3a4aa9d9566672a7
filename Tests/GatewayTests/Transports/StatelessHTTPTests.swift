import Foundation
import Testing

@testable import Gateway

/// Revision 2026-07-28 over streamable HTTP, down to status and code.
@Suite(.timeLimit(.minutes(2)))
struct StatelessHTTPTests {
  private static let version = "MCP-Protocol-Version: 2026-07-28"
  private static let body = Stateless.line("tools/call", #""name":"echo","arguments":{},"#)
  private static let headers =
    HTTPProbe.standard + [version, "Mcp-Method: tools/call", "Mcp-Name: echo"]

  struct Row: Sendable, CustomTestStringConvertible {
    var name: String
    var method = "POST"
    var headers = StatelessHTTPTests.headers
    var body: String? = StatelessHTTPTests.body
    var status: Int
    var code: Int?

    var testDescription: String { name }

    init(
      _ name: String, method: String = "POST", without: [String] = [], with: [String] = [],
      body: String? = StatelessHTTPTests.body, gives status: Int, code: Int? = nil
    ) {
      self.name = name
      self.method = method
      headers =
        StatelessHTTPTests.headers.filter { line in !without.contains { line.hasPrefix($0 + ":") } }
        + with
      self.body = body
      self.status = status
      self.code = code
    }
  }

  static func call(_ params: String, _ method: String = "tools/call") -> String {
    #"{"jsonrpc":"2.0","id":7,"method":"\#(method)","params":\#(params)}"#
  }

  static let rows: [Row] = [
    .init("a call", gives: 200),
    .init("GET", method: "GET", body: nil, gives: 405),
    .init("DELETE", method: "DELETE", body: nil, gives: 405),
    .init("PUT", method: "PUT", gives: 405),
    .init("a session id is ignored", with: ["Mcp-Session-Id: nonsense"], gives: 200),
    .init("an event id is ignored", with: ["Last-Event-ID: 7"], gives: 200),
    .init("no token", without: ["Authorization"], gives: 401),
    .init("a foreign origin", with: ["Origin: https://evil.example"], gives: 403),
    .init("a foreign host", with: ["Host: evil.example"], gives: 403),
    .init(
      "Accept of one kind", without: ["Accept"], with: ["Accept: application/json"], gives: 406),
    .init("no Accept", without: ["Accept"], gives: 406),
    .init("text", without: ["Content-Type"], with: ["Content-Type: text/plain"], gives: 415),
    .init("no method header", without: ["Mcp-Method"], gives: 400, code: -32020),
    .init(
      "another method", without: ["Mcp-Method"], with: ["Mcp-Method: tools/list"],
      gives: 400, code: -32020),
    .init(
      "a method in capitals", without: ["Mcp-Method"], with: ["Mcp-Method: TOOLS/CALL"],
      gives: 400, code: -32020),
    .init("two methods", with: ["Mcp-Method: tools/call"], gives: 400, code: -32020),
    .init("no name", without: ["Mcp-Name"], gives: 400, code: -32020),
    .init(
      "another name", without: ["Mcp-Name"], with: ["Mcp-Name: other"],
      gives: 400, code: -32020),
    .init("two names", with: ["Mcp-Name: echo"], gives: 400, code: -32020),
    .init(
      "a wrapped name", without: ["Mcp-Name"], with: ["Mcp-Name: =?base64?ZWNobw==?="],
      gives: 200),
    .init(
      "a broken wrapper", without: ["Mcp-Name"], with: ["Mcp-Name: =?base64?ZWNobw?="],
      gives: 400, code: -32020),
    .init("two versions", with: [version], gives: 400, code: -32020),
    .init(
      "white space around values", without: ["Mcp-Method", "Mcp-Name"],
      with: ["mcp-method:   tools/call  ", "MCP-NAME:echo "], gives: 200),
    .init(
      "an unserved version", without: ["MCP-Protocol-Version"],
      with: ["MCP-Protocol-Version: 2031-01-01"],
      body: Stateless.line(
        "tools/call", #""name":"echo","#, meta: Stateless.meta(version: "2031-01-01")),
      gives: 400, code: -32022),
    .init(
      "versions that differ", without: ["MCP-Protocol-Version"],
      with: ["MCP-Protocol-Version: 2031-01-01"], gives: 400, code: -32020),
    .init(
      "a body of this era under a version of the other", without: ["MCP-Protocol-Version"],
      with: ["MCP-Protocol-Version: 2025-11-25"], gives: 400, code: -32020),
    .init(
      "a body of this era without a version", without: ["MCP-Protocol-Version"],
      gives: 400, code: -32020),
    .init("no _meta", body: call(#"{"name":"echo"}"#), gives: 400, code: -32602),
    .init(
      "no params", body: #"{"jsonrpc":"2.0","id":7,"method":"tools/call"}"#,
      gives: 400, code: -32602),
    .init(
      "no capabilities",
      body: call(
        #"{"name":"echo","_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}"#),
      gives: 400, code: -32602),
    .init("no JSON", body: "{", gives: 400, code: -32700),
    .init("a batch", body: "[\(body)]", gives: 400, code: -32600),
    .init("a response", body: #"{"jsonrpc":"2.0","id":1,"result":{}}"#, gives: 400, code: -32600),
    .init(
      "a fractional id", body: body.replacing("\"id\":1", with: "\"id\":1.5"),
      gives: 400, code: -32600),
    .init(
      "a notification",
      body: #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#,
      gives: 202),
    .init(
      "a notification of an unserved version", without: ["MCP-Protocol-Version"],
      with: ["MCP-Protocol-Version: 2031-01-01"],
      body: #"{"jsonrpc":"2.0","method":"notifications/x"}"#, gives: 400, code: -32022),
    .init(
      "an unknown method", without: ["Mcp-Method", "Mcp-Name"], with: ["Mcp-Method: nonsense"],
      body: Stateless.line("nonsense"), gives: 404, code: -32601),
    .init(
      "initialize", without: ["Mcp-Method", "Mcp-Name"], with: ["Mcp-Method: initialize"],
      body: Stateless.line("initialize"), gives: 404, code: -32601),
    .init(
      "ping", without: ["Mcp-Method", "Mcp-Name"], with: ["Mcp-Method: ping"],
      body: Stateless.line("ping"), gives: 404, code: -32601),
    .init("a body too large", body: String(repeating: " ", count: 5 << 20), gives: 413),
  ]

  @Test func everyRequestGetsItsStatus() async throws {
    try await HTTPProbe.serving { probe in
      for row in Self.rows {
        let response = await probe.request(row.method, "/mcp", row.headers, row.body)
        #expect(response?.status == row.status, "\(row.name)")
        if let code = row.code {
          #expect(response?.body.contains("\"code\":\(code),") == true, "\(row.name)")
        }
        #expect(response?.headers["mcp-session-id"] == nil, "\(row.name)")
        if row.status == 405, row.method != "PUT" { #expect(response?.headers["allow"] == "POST") }
      }
      #expect(probe.opener.all.isEmpty, "no session was opened")
    }
  }

  @Test func anErrorRepeatsTheIdOfItsRequest() async throws {
    try await HTTPProbe.serving { probe in
      let body = Stateless.line("tools/call", #""name":"echo","#, id: #""seven""#)
      let headers = Self.headers.filter { !$0.hasPrefix("Mcp-Name") }
      let response = await probe.request("POST", "/mcp", headers, body)
      #expect(response?.status == 400)
      #expect(response?.body.contains(#""id":"seven""#) == true)
    }
  }

  @Test func bothErasAreServedAtOnce() async throws {
    try await HTTPProbe.serving { probe in
      let session = await probe.open()
      #expect(!session.isEmpty)
      let modern = await probe.request("POST", "/mcp", Self.headers, Self.body)
      let old = await probe.request(
        "POST", "/mcp", HTTPProbe.standard + ["Mcp-Session-Id: \(session)"],
        HTTPProbe.call(1, "tools/list"))
      #expect(modern?.status == 200)
      #expect(old?.status == 200)
    }
  }

  @Test func whatComesBeforeTheAnswerMakesItAStream() async throws {
    try await HTTPProbe.serving { probe in
      let body = Stateless.line("tools/call", #""name":"echo","arguments":{"count":2},"#)
      let response = await probe.request("POST", "/mcp", Self.headers, body)
      #expect(response?.headers["content-type"] == "text/event-stream")
      #expect(response?.headers["x-accel-buffering"] == "no")
      let events = response?.body.components(separatedBy: "event: message").count ?? 0
      #expect(events == 4)
      #expect(response?.body.contains("id: ") == false, "no event ids in this era")
    }
  }

  @Test func closingTheConnectionCancelsTheCall() async throws {
    try await HTTPProbe.serving { probe in
      let stuck = Self.headers.filter { !$0.hasPrefix("Mcp-") } + ["Mcp-Method: stuck"]
      let connection = probe.connect()
      connection.send("POST", "/mcp", stuck, Stateless.line("stuck"))
      #expect(await eventually { probe.opener.stateless.runningCount == 1 })
      connection.close()
      #expect(await eventually { probe.opener.stateless.cancelledCount == 1 })
    }
  }

  @Test func aPostedCancellationEndsNobodysCall() async throws {
    try await HTTPProbe.serving { probe in
      let stuck = Self.headers.filter { !$0.hasPrefix("Mcp-") } + ["Mcp-Method: slow"]
      let connection = probe.connect()
      defer { connection.close() }
      connection.send("POST", "/mcp", stuck, Stateless.line("slow", #""ms":300,"#, id: "1"))
      #expect(await eventually { probe.opener.stateless.runningCount == 1 })
      let cancel =
        #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#
      #expect(await probe.request("POST", "/mcp", Self.headers, cancel)?.status == 202)
      let response = await connection.response()
      #expect(response?.status == 200)
      #expect(response?.body.contains("filling") == true)
    }
  }

  @Test func aProbeOverSSEIsAnsweredOnTheStream() async throws {
    try await HTTPProbe.serving(.sse) { probe in
      let stream = probe.connect()
      defer { stream.close() }
      stream.send("GET", "/sse", [HTTPProbe.authorization, "Accept: text/event-stream"], nil)
      let head = await stream.read(until: "sessionid=")
      #expect(head.contains("event: endpoint"))
      let id = await stream.read(until: "\n").prefix { $0.isHexDigit || $0 == "-" }
      let probed = await probe.request(
        "POST", "/sse?sessionid=\(id)", HTTPProbe.standard, Stateless.line("server/discover"))
      #expect(probed?.status == 202)
      #expect(await stream.read(until: "-32601").contains("event: message"))
    }
  }
}
