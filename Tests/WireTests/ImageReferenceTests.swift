import Testing

@testable import Wire

struct ImageReferenceTests {
  private static let digest = "sha256:" + String(repeating: "0123456789abcdef", count: 4)

  @Test(arguments: [
    ("alpine", "docker.io/library/alpine"),
    ("alpine:3.20", "docker.io/library/alpine:3.20"),
    ("mcp/time", "docker.io/mcp/time"),
    ("docker.io/alpine", "docker.io/library/alpine"),
    ("index.docker.io/mcp/time:1", "docker.io/mcp/time:1"),
    ("localhost/x", "localhost/x"),
    ("localhost:5000/x:y", "localhost:5000/x:y"),
    ("127.0.0.1:5000/a/b/c", "127.0.0.1:5000/a/b/c"),
    ("[::1]:5000/a", "[::1]:5000/a"),
    ("ghcr.io/a/b__c-d.e:V_1.2-x", "ghcr.io/a/b__c-d.e:V_1.2-x"),
    ("UPPER/x", "UPPER/x"),
    ("a--b/c", "docker.io/a--b/c"),
    ("alpine@" + digest, "docker.io/library/alpine@" + digest),
    ("r.io:80/a:t@" + digest, "r.io:80/a:t@" + digest),
  ])
  func areWrittenOutInFull(_ text: String, _ full: String) throws {
    let reference = try ImageReference(text)
    #expect(reference.description == full)
    #expect(try ImageReference(full) == reference)
  }

  @Test(arguments: [
    "", " ", "a b", "alpine ", "Alpine", "a/B", "alpine:", "alpine@", "alpine:-x", "alpine:.x",
    "alpine:" + String(repeating: "t", count: 129), "alpine@sha256:abc", "alpine@md5:" + "0",
    "alpine@" + digest.uppercased(), "alpine@" + digest + "0", "alpine@\(digest)@\(digest)",
    "/alpine", "alpine/", "a//b", "a___b", "a..b", "a._b", "-a", "a-", "_a", "a_",
    "r.io:0/a", "r.io:65536/a", "r.io:/a", "r.io:12x/a", "r.io:1:2/a", ".io/a", "r..io/a",
    "-r.io/a", "[::1/a", "[]/a", "[::1]x/a", "http://r.io/a", "r.io/a?b", "r.io/a#b", "é",
    "a\u{0}b", "a\nb", "../a", "r.io/../a", "r.io/./a",
    String(repeating: "0123456789abcdef", count: 4), String(repeating: "a", count: 300),
    "alpine:a:b", "alpine:a/b:c",
  ])
  func wrongOnesAreRefused(_ text: String) {
    #expect(throws: ImageReferenceProblem.self) { try ImageReference(text) }
  }

  @Test func onlyAReferenceWithoutTagAndDigestGetsTheDefaultTag() throws {
    #expect(try ImageReference("a").withDefaultTag.tag == "latest")
    #expect(try ImageReference("a:1").withDefaultTag.tag == "1")
    #expect(try ImageReference("a@\(Self.digest)").withDefaultTag.tag == nil)
  }

  @Test func theTagIsDroppedWhenADigestIsPut() throws {
    let pinned = try ImageReference("a:1").at(digest: Self.digest)
    #expect(pinned.description == "docker.io/library/a@\(Self.digest)")
    #expect(throws: ImageReferenceProblem.self) { try pinned.at(digest: "sha256:1") }
  }

  @Test func aProblemSaysWhatWasExpectedOnOneLine() {
    let problem = #expect(throws: ImageReferenceProblem.self) {
      try ImageReference("A\u{1B}[2J\nb")
    }
    let text = problem?.description ?? ""
    #expect(text.contains("expected [registry[:port]/]name"))
    #expect(!text.contains("\u{1B}") && !text.contains("\n"))
  }
}
