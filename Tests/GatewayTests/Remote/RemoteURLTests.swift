import Testing
import Wire

@testable import Gateway

@Suite struct RemoteURLTests {
  @Test(arguments: [
    ("https://example.com", "https://example.com", "/"),
    ("HTTPS://Example.COM./a?b#c", "https://example.com", "/a?b"),
    ("http://example.com:80/x", "http://example.com", "/x"),
    ("https://example.com:8443?q=1", "https://example.com:8443", "/?q=1"),
    ("https://example.com:/", "https://example.com", "/"),
    ("https://[2606:4700:0::1111]:8/", "https://[2606:4700::1111]:8", "/"),
    ("https://1.2.3.4/a@b", "https://1.2.3.4", "/a@b"),
    ("https://xn--bcher-kva.example/", "https://xn--bcher-kva.example", "/"),
    ("https://a_b.example/", "https://a_b.example", "/"),
    ("https://3com.example4/", "https://3com.example4", "/"),
  ])
  func aURLIsRead(_ text: String, _ origin: String, _ target: String) throws {
    let url = try RemoteURL(text)
    #expect(url.origin == origin)
    #expect(url.target == target)
    #expect(url.text == origin + target)
  }

  @Test(arguments: [
    "", "example.com", "ftp://example.com/", "file:///etc/passwd", "unix:/var/run/docker.sock",
    "http+unix://%2Fvar%2Frun%2Fdocker.sock/", "https:/example.com", "https:example.com",
    "https://", "https:///path", "https://user@example.com/", "https://user:pw@example.com/",
    "https://example.com@10.0.0.1/", "https://@example.com/", "https://exa mple.com/",
    "https://example.com\\@evil.example/", "https://example.com/\r\nX: y", "https://example.com/ü",
    "https://bücher.example/", "https://example.com:0/", "https://example.com:65536/",
    "https://example.com:+80/", "https://example.com:8a/", "https://2130706433/",
    "https://0x7f000001/", "https://127.1/", "https://0177.0.0.1/", "https://127.0.0.0x1/",
    "https://127.0.0.1../", "https://1.2.3.4.5/", "https://foo.0x7f/", "https://foo.09/",
    "https://[::1/", "https://[::1%25eth0]/", "https://[fe80::1%eth0]/", "https://[1.2.3.4]/",
    "https://::1/", "https://%31%32%37.0.0.1/", "https://-a.example/", "https://a-.example/",
    "https://a..example/", "https://.example/", "https://exam[ple.com/", "https://a,b.example/",
    "https://[::1]x/", "https://" + String(repeating: "a", count: 64) + ".example/",
    "https://example.com/" + String(repeating: "a", count: 8192),
  ])
  func anOddURLIsRefused(_ text: String) {
    #expect(throws: RemoteURL.Flaw.self) { try RemoteURL(text) }
  }

  @Test(arguments: [
    ("/x?y", "https://a.example:8/x?y"), ("x", "https://a.example:8/b/x"),
    ("?q", "https://a.example:8/b/c?q"), ("", "https://a.example:8/b/c?d"),
    ("//other.example/z", "https://other.example/z"), ("http://10.0.0.1/", "http://10.0.0.1/"),
    ("#f", "https://a.example:8/b/c?d"), ("x:y/z", nil), ("//user@other.example/", nil),
    ("http:\\\\evil", nil), ("https:x", nil),
  ])
  func aReferenceIsResolved(_ reference: String, _ expected: String?) throws {
    let base = try RemoteURL("https://a.example:8/b/c?d")
    #expect((try? base.resolving(reference))?.text == expected)
  }

  @Test func whatIsShownHoldsNoQuery() throws {
    #expect(try RemoteURL("https://a.example/p?token=s3cret").shown == "https://a.example/p")
  }

  @Test(arguments: [
    "Host", "host", "Connection", "Transfer-Encoding", "Content-Length", "Content-Type", "Upgrade",
    "Mcp-Session-Id", "Accept", "TE", "Keep-Alive", "Bad Name", "Bad:Name", "", "Bäd", "A\r\nB",
  ])
  func aHeaderThatIsOursOrMalformedIsRefused(_ name: String) {
    #expect(throws: Problem.self) { try RemoteHeaders([name: "x"], source: "catalog.yaml") }
  }

  @Test(arguments: ["s3cret\n", "s3\rcret", "s3\0cret", "s3\u{7F}cret"])
  func aHeaderValueWithControlCharactersIsRefusedWithoutShowingIt(_ value: String) {
    let problem = #expect(throws: Problem.self) {
      try RemoteHeaders(["Authorization": value], source: "catalog.yaml")
    }
    #expect(problem?.description.contains("Authorization") == true)
    #expect(problem?.description.contains("s3") == false)
  }

  @Test func theSameHeaderTwiceIsRefused() {
    #expect(throws: Problem.self) {
      try RemoteHeaders(["X-Key": "1", "x-key": "2"], source: "catalog.yaml")
    }
  }

  @Test func headersNeverShowTheirValues() throws {
    let headers = try RemoteHeaders(["X-Key": "s3cret"], source: "catalog.yaml")
    let shown = [
      "\(headers)", String(reflecting: headers), "\(Mirror(reflecting: headers).children)",
    ]
    #expect(shown.allSatisfy { !$0.contains("s3cret") })
    var dumped = ""
    dump(
      RemoteServer(name: "x", url: try RemoteURL("https://a.example"), headers: headers),
      to: &dumped)
    #expect(!dumped.contains("s3cret"))
  }
}
