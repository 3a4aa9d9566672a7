import Testing
import Wire

@testable import Authorization

@Suite struct TokenFileTests {
  static let secret = "correct-horse-battery"
  static let digest = TokenDigest(of: secret.utf8).hexadecimal

  static func read(_ text: String) -> (file: TokenFile, problems: [Problem]) {
    TokenFile.read(Array(text.utf8), source: "tokens.txt")
  }

  @Test(arguments: [
    "laptop sha256:\(digest)", "laptop\t\(secret)\n", "# a comment\n\n  laptop   \(secret)  \r\n",
    "laptop sha256:\(digest.uppercased())\n",
  ])
  func aLineHoldsANameAndATokenOrItsDigest(text: String) throws {
    let (file, problems) = Self.read(text)
    #expect(problems == [])
    #expect(file.entries.map(\.name.text) == ["laptop"])
    #expect(file.entries.first?.digest == TokenDigest(of: Self.secret.utf8))
  }

  @Test(arguments: [
    ("laptop", "1:1"), ("laptop \(secret) more", "1:30"), ("\n\nlap/top \(secret)", "3:1"),
    ("token \(secret)", "1:1"), ("Local \(secret)", "1:1"), ("-x \(secret)", "1:1"),
    ("laptop sha256:12", "1:8"), ("laptop sha256:\(digest)0", "1:8"),
    ("laptop sha256:\(digest.dropLast())é", "1:8"), ("laptop too-short", "1:8"),
    ("laptop häßliches-token-mit-umlaut", "1:8"), ("  a \(secret)\n b \(secret)", "2:4"),
    ("\(secret)\(secret)\(secret)\(secret)\(secret) laptop", "1:1"),
    ("\(secret) laptop", "1:23"),
  ])
  func aBadLineIsToldWithItsPlaceAndWithoutItsText(text: String, place: String) throws {
    let (_, problems) = Self.read(text)
    let problem = try #require(problems.first)
    #expect(problems.count == 1)
    #expect("\(problem.line ?? 0):\(problem.column ?? 0)" == place)
    #expect(problem.hint != nil)
    for word in [Self.secret, "too-short", "häßliches", "lap/top"] {
      #expect(!problem.description.contains(word))
    }
  }

  @Test func allProblemsAreToldAtOnce() {
    let (_, problems) = Self.read("a\nb sha256:zz\nc short\n")
    #expect(problems.map(\.line) == [1, 2, 3])
  }

  @Test func whatIsNotTextIsRefused() {
    #expect(TokenFile.read([0xFF, 0xFE], source: "f").problems.hasErrors)
  }

  @Test func tooManyTokensAreRefused() {
    let lines = (0...TokenFile.mostTokens).map { "n\($0) \(BearerToken.random().secret)" }
    #expect(Self.read(lines.joined(separator: "\n")).problems.hasErrors)
  }

  @Test func aMadeTokenIsStoredAsItsDigestAndFoundAgain() throws {
    let (name, token) = (try TokenName("alice@example.com"), BearerToken.random())
    let text = try TokenFile.adding(name, token, to: nil, source: "f")
    #expect(!String(decoding: text, as: UTF8.self).contains(token.secret))
    let (file, problems) = TokenFile.read(text, source: "f")
    #expect(problems == [])
    #expect(NamedTokens(file).name(of: TokenDigest(of: token.secret.utf8)) == name)
  }

  @Test func editingKeepsCommentsAndOthersLines() throws {
    let text = "# ours\nbob \(Self.secret)\n# end"
    let alice = try TokenName("alice")
    let added = try TokenFile.adding(alice, .random(), to: Array(text.utf8), source: "f")
    #expect(String(decoding: added, as: UTF8.self).hasPrefix(text + "\nalice sha256:"))
    let twice = try TokenFile.adding(alice, .random(), to: added, source: "f")
    let removed = try TokenFile.removing(alice, from: twice, source: "f")
    #expect(String(decoding: try #require(removed), as: UTF8.self) == text + "\n")
    #expect(try TokenFile.removing(alice, from: removed, source: "f") == nil)
  }

  @Test func aFileWithAnErrorIsNotEdited() throws {
    let name = try TokenName("alice")
    #expect(throws: Problem.self) {
      try TokenFile.adding(name, .random(), to: Array("bad".utf8), source: "f")
    }
    #expect(throws: Problem.self) {
      try TokenFile.removing(name, from: Array("bad".utf8), source: "f")
    }
  }

  @Test func digestsOfDifferentTokensDiffer() {
    #expect(TokenDigest(of: "a".utf8) != TokenDigest(of: "b".utf8))
    #expect(TokenDigest(hexadecimal: Self.digest) == TokenDigest(of: Self.secret.utf8))
    #expect(
      TokenDigest(of: "abc".utf8).hexadecimal
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  }

  @Test(arguments: ["", "A", "AA", "AAA", "AAAA", "_-8", "Zm9vYmFy"])
  func base64URLIsReadAsItIsWritten(text: String) {
    let bytes = Base64URL.decode(Array(text.utf8))
    #expect(bytes.map(Base64URL.encode) == (text == "A" ? nil : text))
  }

  @Test(arguments: ["AB", "AAB", "AA==", "A+", "A/", "A A", "A\n", "AAAAA", "é"])
  func whatIsNotCanonicalBase64URLIsRefused(text: String) {
    #expect(Base64URL.decode(Array(text.utf8)) == nil)
  }
}
