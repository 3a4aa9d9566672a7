import HTTPTypes
import Testing

@testable import Gateway

@Suite struct HTTPRulesTests {
  @Test(arguments: [
    ("localhost", "localhost", false), ("LocalHost:80", "localhost", false),
    ("127.0.0.1:8811", "127.0.0.1", true), ("[::1]", "::1", true), ("[::1]:1", "::1", true),
    ("my_host.internal", "my_host.internal", false), ("1.2.3.4.5", "1.2.3.4.5", false),
    ("999.1.1.1", "999.1.1.1", false),
  ])
  func anAuthorityIsTakenApart(text: String, host: String, isIP: Bool) {
    #expect(Authority(text)?.host == host)
    #expect(Authority(text)?.isIPLiteral == isIP)
  }

  @Test(arguments: [
    "", ":80", "a:b", "a:99999", "a:-1", "a:+1", "a:1:2", "[::1", "[]", "[::1]x", "a b", "a/b",
    "u@a", "[evil]", "[:::]", "[1.2.3.4]", "[.]", "a:\u{661}",
  ])
  func whatIsNoAuthorityIsRefused(text: String) { #expect(Authority(text) == nil) }

  @Test(arguments: [
    ("127.0.0.1", true, "localhost:1", true), ("127.0.0.1", true, "evil.example", false),
    ("127.0.0.1", false, "192.168.1.2", false), ("::1", true, "[::1]:8811", true),
    ("192.168.1.2", true, "192.168.1.2:80", true), ("192.168.1.2", true, "localhost", true),
    ("192.168.1.2", true, "other", false), ("Box.Lan", true, "box.lan", true),
    ("0.0.0.0", true, "any.example", true), ("::", true, "any.example", true),
    ("0.0.0.0", false, "any.example", false), ("0.0.0.0", false, "gateway:8811", true),
    ("0.0.0.0", false, "10.0.0.7:8811", true), ("0.0.0.0", false, "[fe80::1]", true),
    ("0.0.0.0", false, "host.docker.internal", true),
    ("0.0.0.0", false, "internal.evil.example", false), ("0.0.0.0", true, "a/b", false),
  ])
  func aHostIsServedByWhereWeListen(bind: String, token: Bool, header: String, allowed: Bool) {
    #expect(HostRule(bindHost: bind, requiresToken: token).allows(header) == allowed)
  }

  @Test(arguments: [
    ("http://localhost", true), ("HTTPS://LOCALHOST:3000", true), ("http://127.0.0.1:80", true),
    ("http://[::1]:5173", true), ("null", false), ("", false), ("localhost", false),
    ("ftp://localhost", false), ("http://localhost.evil.example", false),
    ("http://localhost@evil.example", false), ("http://localhost/", false),
    ("http://127.0.0.1.evil.example", false), ("http://127.evil.example", false),
    ("http://127.0.0.2", true),
    ("http://localhost:99999", false), ("http://", false), ("https://evil.example", false),
  ])
  func onlyPagesOfThisMachineMayCall(origin: String, allowed: Bool) {
    #expect(OriginRule.allows(origin) == allowed)
  }

  @Test(arguments: [
    (["application/json"], true), (["*/*"], true), (["application/*"], true), ([], false),
    ([""], false), (["text/html"], false), (["APPLICATION/JSON ; q=0.5"], true),
    (["application/json;q=0"], false), (["application/json; Q = 0.000"], false),
    (["application/json;q=0.001"], true), (["*/*;q=0"], false), (["*"], false),
    (["application/json;q=0, */*"], false), (["*/*;q=0, application/json"], true),
    (["text/html", "a/b, application/json"], true), (["application/json, x"], true),
    (["application/json-seq"], false), ([",,;;,application/json"], true),
  ])
  func acceptIsReadAsRangesWithQuality(lines: [String], admits: Bool) {
    #expect(MediaRanges(lines).admits("application", "json") == admits)
  }

  @Test(arguments: [
    (["application/json"], true), (["Application/Json;charset=utf-8"], true),
    (["application/json ; a=b"], true), ([], false), ([""], false), (["text/plain"], false),
    (["application/json", "application/json"], false), (["application/jsonp"], false),
    (["text/plain;application/json"], false),
  ])
  func onlyJSONBodiesAreRead(lines: [String], isJSON: Bool) {
    #expect(MediaRanges.isJSON(contentType: lines) == isJSON)
  }

  @Test func theNamesOfOurHeadersAreWhatTheyShouldBe() {
    let names: [HTTPField.Name] = [
      .mcpSessionID, .accelBuffering,
    ]
    #expect(
      names.map(\.canonicalName) == [
        "mcp-session-id", "x-accel-buffering",
      ])
  }
}
