import Foundation
import Testing

@testable import Gateway

/// A request and the status it gets, on a real socket.
struct StatusRow: Sendable, CustomStringConvertible {
  var name: String
  var method = "POST"
  var path = "/mcp"
  var headers = HTTPProbe.standard
  var body: String?
  var status: Int
  /// The JSON-RPC code in the body.
  var code: Int?
  var description: String { name }

  init(
    _ name: String, _ method: String = "POST", _ path: String = "/mcp",
    without removed: String? = nil, with headers: [String] = [],
    body: String? = nil, gives status: Int, code: Int? = nil
  ) {
    self.name = name
    self.method = method
    self.path = path
    self.headers =
      HTTPProbe.standard.filter { line in !(removed.map { line.hasPrefix($0) } ?? false) }
      + headers
    self.body = method == "POST" ? body ?? HTTPProbe.initialize : body
    self.status = status
    self.code = code
  }
}

@Suite(.timeLimit(.minutes(2))) struct HTTPStatusTests {
  /// `SESSION` stands for the id of an open session.
  static let session = "Mcp-Session-Id: SESSION"
  static let fast = HTTPProbe.call(1, "fast")

  static let streaming: [StatusRow] = [
    // Who
    .init("no token", without: "Authorization", gives: 401),
    .init(
      "wrong token", without: "Authorization", with: ["Authorization: Bearer nope"], gives: 401),
    .init("empty token", without: "Authorization", with: ["Authorization: Bearer "], gives: 401),
    .init(
      "token as prefix", without: "Authorization", with: ["Authorization: Bearer correct"],
      gives: 401),
    .init(
      "token and more", without: "Authorization", with: ["Authorization: Bearer correct-horse-x"],
      gives: 401),
    .init(
      "basic scheme", without: "Authorization", with: ["Authorization: Basic correct-horse"],
      gives: 401),
    .init("token twice", with: [HTTPProbe.authorization], gives: 400),
    .init(
      "lower case scheme", without: "Authorization", with: ["Authorization: bearer correct-horse"],
      gives: 200),
    .init(
      "upper case scheme", without: "Authorization", with: ["AUTHORIZATION: BEARER correct-horse"],
      gives: 200),
    .init(
      "token is checked before the path", "GET", "/other", without: "Authorization", gives: 401),
    .init(
      "token is checked before Host", without: "Authorization", with: ["Host: evil.example"],
      gives: 401),
    .init("token is checked before the method", "PUT", without: "Authorization", gives: 401),
    .init(
      "token is checked before the size", without: "Authorization",
      with: ["Content-Length: 9999999"], body: "", gives: 401),
    // Where to
    .init("Host 127.0.0.1 with port", with: ["Host: 127.0.0.1:8811"], gives: 200),
    .init("Host localhost in capitals", with: ["Host: LOCALHOST:1"], gives: 200),
    .init("Host [::1]", with: ["Host: [::1]:80"], gives: 200),
    .init("foreign Host", with: ["Host: evil.example"], gives: 403),
    .init("Host that begins like ours", with: ["Host: localhost.evil.example"], gives: 403),
    .init("Host with user part", with: ["Host: localhost@evil.example"], gives: 403),
    .init("Host with bad port", with: ["Host: localhost:99999"], gives: 403),
    .init("two Hosts", with: ["Host: localhost", "Host: localhost"], gives: 400),
    .init("no Host", with: ["Host:"], gives: 400),
    // Where from
    .init("Origin of this machine", with: ["Origin: http://localhost:3000"], gives: 200),
    .init("https Origin of this machine", with: ["Origin: https://127.0.0.1"], gives: 200),
    .init("IPv6 Origin", with: ["Origin: http://[::1]:5173"], gives: 200),
    .init("foreign Origin", with: ["Origin: https://evil.example"], gives: 403),
    .init(
      "Origin that begins like ours", with: ["Origin: http://localhost.evil.example"], gives: 403),
    .init("null Origin", with: ["Origin: null"], gives: 403),
    .init("other scheme", with: ["Origin: file://localhost"], gives: 403),
    .init("Origin with path", with: ["Origin: http://localhost/x"], gives: 403),
    .init("Origin with user", with: ["Origin: http://localhost:1@evil.example"], gives: 403),
    .init(
      "good and bad Origin", with: ["Origin: http://localhost", "Origin: http://evil.example"],
      gives: 403),
    .init("cross-site without Origin", with: ["Sec-Fetch-Site: cross-site"], gives: 403),
    // Paths and methods
    .init("other path", "GET", "/", gives: 307),
    .init("other path posted", "POST", "/sse", gives: 307),
    .init("path below", "POST", "/mcp/x", gives: 307),
    .init("PUT", "PUT", gives: 405),
    .init("OPTIONS", "OPTIONS", gives: 405),
    .init("PATCH", "PATCH", gives: 405),
    .init("query is ignored", "POST", "/mcp?x=1", gives: 200),
    // Negotiation
    .init("Accept lists both", gives: 200),
    .init("no Accept", without: "Accept", gives: 406),
    .init("Accept JSON only", without: "Accept", with: ["Accept: application/json"], gives: 406),
    .init("Accept SSE only", without: "Accept", with: ["Accept: text/event-stream"], gives: 406),
    .init("Accept anything", without: "Accept", with: ["Accept: */*"], gives: 200),
    .init(
      "Accept wildcards", without: "Accept", with: ["Accept: application/*, text/*;q=0.1"],
      gives: 200),
    .init(
      "Accept on two lines", without: "Accept",
      with: ["Accept: application/json", "accept: TEXT/Event-Stream"], gives: 200),
    .init(
      "Accept with q=0", without: "Accept", with: ["Accept: application/json;q=0, */*"], gives: 406),
    .init(
      "Content-Type with charset", without: "Content-Type",
      with: ["Content-Type: Application/JSON; charset=utf-8"], gives: 200),
    .init("no Content-Type", without: "Content-Type", gives: 415),
    .init("text/plain", without: "Content-Type", with: ["Content-Type: text/plain"], gives: 415),
    .init(
      "form", without: "Content-Type", with: ["Content-Type: application/x-www-form-urlencoded"],
      gives: 415),
    .init(
      "JSON look-alike", without: "Content-Type", with: ["Content-Type: application/jsonx"],
      gives: 415),
    .init("compressed body", with: ["Content-Encoding: gzip"], gives: 415),
    .init("version 2025-06-18", with: ["MCP-Protocol-Version: 2025-06-18"], gives: 200),
    .init("version 2025-11-25", with: ["MCP-Protocol-Version: 2025-11-25"], gives: 200),
    .init("version 2024-11-05", with: ["MCP-Protocol-Version: 2024-11-05"], gives: 200),
    .init("unknown version", with: ["MCP-Protocol-Version: 1999-01-01"], gives: 400, code: -32602),
    .init("newer version", with: ["MCP-Protocol-Version: 2026-07-28"], gives: 400, code: -32602),
    .init(
      "two versions",
      with: ["MCP-Protocol-Version: 2025-06-18", "MCP-Protocol-Version: 2025-06-18"], gives: 400),
    // Bodies
    .init("not JSON", body: "hello", gives: 400, code: -32700),
    .init(
      "a value that is not accepted",
      body: #"{"jsonrpc":"2.0","method":"m","params":{"a":"\u0000"},"id":1}"#, gives: 200,
      code: -32600),
    .init(
      "such a value without a request to answer",
      body: #"{"jsonrpc":"2.0","method":"m","params":{"a":"\u0000"}}"#, gives: 400, code: -32600),
    .init("empty body", body: "", gives: 400, code: -32700),
    .init("truncated JSON", body: #"{"jsonrpc":"2.0""#, gives: 400, code: -32700),
    .init("not a message", body: "{}", gives: 400, code: -32600),
    .init("batch", body: "[\(HTTPProbe.initialize)]", gives: 400, code: -32600),
    .init(
      "duplicate member", body: #"{"jsonrpc":"2.0","id":1,"id":2,"method":"initialize"}"#,
      gives: 400, code: -32600),
    .init(
      "fractional id", body: #"{"jsonrpc":"2.0","id":1.5,"method":"initialize"}"#, gives: 400,
      code: -32600),
    .init(
      "declared too large", with: ["Content-Length: 4194305"], body: "", gives: 413, code: -32600),
    // Sessions
    .init("request without session", body: fast, gives: 400, code: -32600),
    .init(
      "notification without session",
      body: #"{"jsonrpc":"2.0","method":"notifications/initialized"}"#, gives: 400),
    .init("unknown session", with: ["Mcp-Session-Id: nope"], body: fast, gives: 404),
    .init("empty session", with: ["Mcp-Session-Id: "], body: fast, gives: 404),
    .init("two sessions", with: [session, session], body: fast, gives: 404),
    .init("initialize with unknown session", with: ["Mcp-Session-Id: nope"], gives: 404),
    .init("request", with: [session], body: fast, gives: 200),
    .init(
      "notification", with: [session], body: #"{"jsonrpc":"2.0","method":"notifications/x"}"#,
      gives: 202),
    .init("response", with: [session], body: #"{"jsonrpc":"2.0","id":9,"result":{}}"#, gives: 202),
    .init(
      "unknown method", with: [session], body: HTTPProbe.call(1, "no/such"), gives: 200,
      code: -32601),
    .init(
      "positional params", with: [session],
      body: #"{"jsonrpc":"2.0","id":1,"method":"fast","params":[]}"#, gives: 400, code: -32602),
    .init("GET without session", "GET", gives: 400),
    .init("GET with unknown session", "GET", with: ["Mcp-Session-Id: nope"], gives: 404),
    .init("GET without Accept", "GET", without: "Accept", with: [session], gives: 406),
    .init(
      "GET accepts JSON only", "GET", without: "Accept",
      with: [session, "Accept: application/json"], gives: 406),
    .init("DELETE without session", "DELETE", gives: 400),
    .init("DELETE with unknown session", "DELETE", with: ["Mcp-Session-Id: nope"], gives: 404),
    .init("DELETE", "DELETE", with: [session], gives: 204),
    // Health
    .init("health", "GET", "/health", without: "Authorization", gives: 200),
    .init(
      "health with any Host", "GET", "/health", without: "Authorization",
      with: ["Host: evil.example"], gives: 200),
    .init("health posted", "POST", "/health", without: "Authorization", gives: 405),
  ]

  static let sse: [StatusRow] = [
    .init("no token", "GET", "/sse", without: "Authorization", gives: 401),
    .init("foreign Origin", "GET", "/sse", with: ["Origin: http://evil.example"], gives: 403),
    .init("foreign Host", "GET", "/sse", with: ["Host: evil.example"], gives: 403),
    .init(
      "Accept JSON only", "GET", "/sse", without: "Accept", with: ["Accept: application/json"],
      gives: 406),
    .init("POST without session", "POST", "/sse", gives: 400),
    .init("POST with unknown session", "POST", "/sse?sessionid=nope", body: fast, gives: 404),
    .init("POST with two sessions", "POST", "/sse?sessionid=a&sessionid=b", body: fast, gives: 400),
    .init(
      "POST of text", "POST", "/sse?sessionid=nope", without: "Content-Type",
      with: ["Content-Type: text/plain"], gives: 415),
    .init("DELETE", "DELETE", "/sse", gives: 405),
    .init("other path", "GET", "/mcp", gives: 307),
    .init("health", "GET", "/health", without: "Authorization", gives: 200),
  ]

  @Test func everyRequestToStreamableHTTPGetsItsStatus() async throws {
    try await HTTPProbe.serving {
      $0.sessions.perIdentity = 1000
    } _: { probe in
      for row in Self.streaming {
        let session = await probe.open()
        try await Self.check(row, probe, session: session)
      }
    }
  }

  @Test func everyRequestToSSEGetsItsStatus() async throws {
    try await HTTPProbe.serving(.sse) { probe in
      for row in Self.sse { try await Self.check(row, probe, session: "") }
    }
  }

  static func check(_ row: StatusRow, _ probe: HTTPProbe, session: String) async throws {
    let headers = row.headers.map { $0.replacingOccurrences(of: "SESSION", with: session) }
    let response = await probe.request(row.method, row.path, headers, row.body)
    #expect(response?.status == row.status, "\(row.name)")
    if let code = row.code {
      #expect(response?.body.contains("\"code\":\(code),") == true, "\(row.name)")
    }
    #expect(response?.headers.keys.contains { $0.hasPrefix("access-control") } == false)
  }

  @Test func refusalsSayWhatWouldBeRight() async throws {
    try await HTTPProbe.serving { probe in
      let denied = await probe.request("POST", "/mcp", [], HTTPProbe.initialize)
      #expect(denied?.headers["www-authenticate"] == #"Bearer realm="MCP Gateway""#)
      let method = await probe.request("PUT", "/mcp", HTTPProbe.standard)
      #expect(method?.headers["allow"] == "GET, POST, DELETE")
      let elsewhere = await probe.request("GET", "/", HTTPProbe.standard)
      #expect(elsewhere?.headers["location"] == "/mcp")
      let method404 = await probe.request(
        "POST", "/mcp", HTTPProbe.standard, HTTPProbe.call(41, "fast"))
      #expect(method404?.body.contains(#""id":41"#) == true)
    }
  }

  @Test func healthSaysWhetherTheGatewayIsReady() async throws {
    let opener = ScriptedOpener()
    opener.ready.withLock { $0 = false }
    try await HTTPProbe.serving(opener: opener) { probe in
      #expect(await probe.request("GET", "/health")?.status == 503)
      opener.ready.withLock { $0 = true }
      #expect(await probe.request("GET", "/health")?.status == 200)
    }
  }

  @Test func withoutAuthenticationEverybodyIsAnonymous() async throws {
    try await HTTPProbe.serving(.streaming, .allowUnauthenticated) { probe in
      let headers = Array(HTTPProbe.standard.dropFirst())
      #expect(await probe.request("POST", "/mcp", headers, HTTPProbe.initialize)?.status == 200)
      #expect(probe.opener.all.map(\.identity) == ["anonymous"])
      let foreign = await probe.request(
        "POST", "/mcp", headers + ["Host: evil.example"], HTTPProbe.initialize)
      #expect(foreign?.status == 403)
    }
  }
}
