import Testing
import Wire

@testable import Catalog

/// The small forms: hosts, sizes, names, image arguments.
struct FormTests {
  @Test(arguments: [
    ("api.example:443/https", "api.example", 443, "https"),
    ("Api.Example:80", "api.example", 80, "http"),
    ("db.example:5432/tcp", "db.example", 5432, "tcp"), ("10.0.0.1:1", "10.0.0.1", 1, "http"),
    ("[::1]:65535/tcp", "::1", 65535, "tcp"),
    ("*.example.com:443/https", "*.example.com", 443, "https"),
  ])
  func allowedHostsAreRead(text: String, host: String, port: UInt16, layer: String) throws {
    let allowed = try #require(AllowedHost(text))
    #expect((allowed.host, allowed.port, allowed.layer.rawValue) == (host, port, layer))
  }

  @Test(arguments: [
    "", "host", "host:", ":80", "host:0", "host:65536", "host:+80", "host:80/", "host:80/udp",
    "host:80/tcp/x", "ho st:80", "host\n:80", "::1:80", "[::1:80", "[x]:80", "*:80", "a.*.b:80",
    "-a:80", "a..b:80", "http://host:80", "host:٨٠", "hóst:80",
  ])
  func otherHostsAreRefused(text: String) {
    #expect(AllowedHost(text) == nil)
  }

  @Test(arguments: [
    ("db:10.0.0.1", true), ("db:::1", true), ("db:host-gateway", true), ("db", false),
    ("db:example", false), (":10.0.0.1", false), ("d b:10.0.0.1", false), ("db:10.0.0.1\nx", false),
  ])
  func extraHostsAreRead(text: String, isValid: Bool) {
    #expect((ExtraHost(text) != nil) == isValid)
  }

  @Test(
    arguments: [
      ("2Gb", 2 << 30), ("2gb", 2 << 30), ("2G", 2 << 30), ("2GiB", 2 << 30), ("512m", 512 << 20),
      ("512 MB", 512 << 20), ("1.5g", 3 << 29), ("1t", 1 << 40), ("1p", 1 << 50),
      ("8388608", 8 << 20),
      ("8388608b", 8 << 20), ("8192k", 8 << 20), ("0", 0), ("", 0), (" 2Gb ", 2 << 30),
    ] as [(String, Int64)])
  func sizesAreBinary(text: String, bytes: Int64) throws {
    #expect(try MemorySize.parse(text) == bytes)
  }

  @Test(arguments: [
    "b", "x", "-1g", "+1g", "1e9", "1g1", "1 g b", "1,5g", ".5g", "5.g", "1.2.3g", "9999999p",
    "1mm",
    "٥m", "nan", "inf",
  ])
  func otherSizesAreRefused(text: String) {
    #expect(throws: Problem.self) { try MemorySize.parse(text) }
  }

  @Test func tooLittleMemoryIsRefusedWithAdvice() {
    #expect {
      try MemorySize.parse("1m")
    } throws: {
      "\($0)" == #"--memory: error: "1m" is too little for a container (at least 6Mb)"#
    }
  }

  @Test(arguments: [
    ("docker.io/ns/repo:tag", "docker.io/ns/repo:tag"), ("docker://ns/repo:tag", "ns/repo:tag"),
    ("docker://ghcr.io/ns/repo", "ghcr.io/ns/repo"), ("notes", nil), ("docker", nil),
    ("ghcr.io/ns/repo", nil),
  ])
  func imageArgumentsAreKnownByTheirPrefix(argument: String, reference: String?) {
    #expect(ImageArgument(argument)?.reference == reference)
  }

  @Test(arguments: [
    ("notes", true), ("github-official", true), ("io.github.x/y", true), ("SQLite", true),
    ("a:b", false),
    ("", false), ("a b", false), ("-a", false), ("a,b", false), ("é", false), ("a\n", false),
    ("../x", false), (String(repeating: "a", count: 129), false),
  ])
  func serverNamesHaveANarrowAlphabet(name: String, isValid: Bool) {
    #expect(Names.isServer(name) == isValid)
  }

  @Test(arguments: [
    ("https://a.example/x", true), ("http://a:80", true), ("HTTPS://a/", true), ("ftp://a", false),
    ("https://", false), ("https:///x", false), ("https://u:p@a/", false), ("https://a/ b", false),
    ("https://a/\r\nX: y", false), ("https://:80", false), ("file:///etc/passwd", false),
    ("https://a/{{x}}", false),
  ])
  func addressesAreHTTPWithAHost(url: String, isValid: Bool) {
    #expect((RemoteAddress.problem(with: url) == nil) == isValid)
  }

  @Test(arguments: [
    ("1000", true), ("1000:1000", true), ("nobody", true), ("root", true), ("a:b:c", false),
    ("", false),
    (":", false), ("-u", false), ("a b", false), ("1000:", false),
  ])
  func usersAreNamesOrNumbers(user: String, isValid: Bool) {
    #expect(Names.isUser(user) == isValid)
  }
}
