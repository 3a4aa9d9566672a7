import HTTPSyntax
import Testing

@Suite struct RequestReaderTests {
  static let chunked = "P / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
  static func repeated(_ text: String, _ count: Int) -> String {
    String(repeating: text, count: count)
  }

  static func outcome(_ text: String) throws -> RequestProperties.Outcome {
    let bytes = Array(text.utf8)
    try RequestProperties.connection(bytes)
    return try RequestProperties.outcome(of: bytes, inPiecesOf: max(1, bytes.count))
  }

  @Test func aRequestIsTakenApart() throws {
    let outcome = try Self.outcome(
      "POST /mcp?x=1 HTTP/1.1\r\nHost: localhost:80\r\nX-Y:\t a  b \r\nContent-Length: 5\r\n\r\nhello"
    )
    let head = try #require(outcome.heads.first)
    #expect(head.method == "POST")
    #expect(head.target == "/mcp?x=1")
    #expect(head["host"] == "localhost:80")
    #expect(head["x-y"] == "a  b")
    #expect(head.framing == .length(5))
    #expect(outcome.bodies == [Array("hello".utf8)])
    #expect(outcome.ends == 1)
  }

  @Test func requestsFollowEachOther() throws {
    let outcome = try Self.outcome(
      "GET /a HTTP/1.1\r\nHost: x\r\n\r\n\r\nPOST /b HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n"
        + "3;x=\"y\"\r\nabc\r\n2 ; z\r\nde\r\n0\r\nTrailer: t\r\n\r\nGET /c HTTP/1.0\r\n\r\n")
    #expect(outcome.problem == nil)
    #expect(outcome.heads.map(\.target) == ["/a", "/b", "/c"])
    #expect(outcome.bodies == [[], Array("abcde".utf8), []])
    #expect(outcome.heads.map(\.isPersistent) == [true, true, false])
  }

  @Test(arguments: [
    ("hello\r\n\r\n", 400), ("GET /\r\n\r\n", 400), ("GET  / HTTP/1.1\r\n\r\n", 400),
    ("GET / HTTP/1.1 \r\n\r\n", 400), ("GET / http/1.1\r\n\r\n", 400),
    ("GET / HTTP/1.1\n\n", 400), ("GET / HTTP/1.1\r\nA: b\nC: d\r\n\r\n", 400),
    ("GET /\u{1} HTTP/1.1\r\n\r\n", 400), ("GET /\u{E9} HTTP/1.1\r\n\r\n", 400),
    ("G@T / HTTP/1.1\r\n\r\n", 400), ("GET / HTTP/1.1\r\n a: b\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\na : b\r\n\r\n", 400), ("GET / HTTP/1.1\r\na: b\r\n c\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\n: b\r\n\r\n", 400), ("GET / HTTP/1.1\r\nnonsense\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\na: \u{0}\r\n\r\n", 400), ("GET / HTTP/1.1\r\na: b\rc\r\n\r\n", 400),
    ("\u{16}\u{3}\u{1}", 400), ("\r\n\r\n\r\nGET", 400), ("{}", 400),
    ("PRI * HTTP/2.0\r\n\r\n", 505), ("GET / HTTP/9.9\r\n\r\n", 505),
    ("GET / HTTP/1.x\r\n\r\n", 400), ("GET / HTTP/11\r\n\r\n", 400),
    ("P / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    ("P / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n", 400),
    ("P / HTTP/1.1\r\nContent-Length: 5, 5\r\n\r\n", 400),
    ("P / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
    ("P / HTTP/1.1\r\nContent-Length: +1\r\n\r\n", 400),
    ("P / HTTP/1.1\r\nContent-Length:\r\n\r\n", 400),
    ("P / HTTP/1.1\r\nContent-Length: 0x5\r\n\r\n", 400),
    ("P / HTTP/1.1\r\nContent-Length: 9999999999999999999\r\n\r\n", 400),
    ("P / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", 400),
    ("P / HTTP/1.1\r\nTransfer-Encoding: chunked, gzip\r\n\r\n", 400),
    ("P / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501),
    ("P / HTTP/1.1\r\nTransfer-Encoding: xchunked\r\n\r\n", 400),
    ("P / HTTP/1.1\r\nTransfer-Encoding: chun\u{212A}ed\r\n\r\n", 400),
    ("P / HTTP/1.1\r\nTransfer-Encoding: , chunked\r\n\r\n", 501),
    ("P / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    ("P / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    ("P http://a/ HTTP/1.1\r\nHost: b\r\n\r\n", 400),
  ])
  func whatTwoReadersCouldUnderstandDifferentlyIsRefused(text: String, status: Int) throws {
    #expect(try Self.outcome(text).problem?.status == status)
  }

  @Test(arguments: [
    "zz\r\n", "\r\n", "5\nhello\r\n", "-5\r\n", "0x5\r\n", "5 \r\nhello\r\n", "5 x\r\nhello\r\n",
    "5\r\nhelloX\r\n", "5\r\nhello\n0\r\n", "1111111111111111\r\n", "5;\u{0}\r\nhello\r\n",
    "0\r\nno colon\r\n\r\n", "0\r\nA : b\r\n\r\n",
  ])
  func aChunkThatIsNoneIsRefused(chunks: String) throws {
    let head = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    #expect(try Self.outcome(head + chunks).problem?.status == 400)
  }

  @Test(arguments: [
    ("GET /\(repeated("x", 300)) HTTP/1.1\r\n\r\n", 414),
    ("GET / HTTP/1.1\r\nA: \(repeated("x", 300))\r\n\r\n", 431),
    ("GET / HTTP/1.1\r\n\(repeated("A: b\r\n", 17))\r\n", 431),
    ("GET / HTTP/1.1\r\n" + repeated("A: \(repeated("x", 200))\r\n", 6) + "\r\n", 431),
    (chunked + "0\r\n" + repeated("Abc: defghij\r\n", 100), 431),
    (chunked + "1;" + repeated("x", 300), 400),
    // Found by the fuzzer: too long and wrong at once.
    ("GET /" + repeated("x", 300) + "\n\n", 414),
    ("GET / HTTP/1.1\r\n" + repeated("x", 300) + "\n", 431),
  ])
  func nothingGrowsWithoutEnd(text: String, status: Int) throws {
    #expect(try Self.outcome(text).problem?.status == status)
  }

  @Test(arguments: [
    ("http://LocalHost:1/mcp?a=b", "/mcp?a=b"), ("HTTPS://localhost:1", "/"),
    ("http://localhost:1?a", "/?a"), ("/http://other/", "/http://other/"), ("*", "*"),
  ])
  func aTargetWithItsHostIsTakenLikeAPath(target: String, path: String) throws {
    let outcome = try Self.outcome("GET \(target) HTTP/1.1\r\nHost: localhost:1\r\n\r\n")
    #expect(outcome.heads.first?.target == path)
  }

  @Test func aHeadThatIsNotWholeIsWaitedFor() throws {
    var reader = RequestReader()
    #expect(!reader.isInHead)
    reader.append("GET / HT".utf8)
    #expect(try reader.next() == nil)
    #expect(reader.isInHead)
    reader.append("TP/1.1\r\n\r\n".utf8)
    guard case .head? = try reader.next() else { return #expect(Bool(false), "no head") }
    #expect(try reader.next() == .end)
    #expect(reader.unread == 0)
  }

  @Test func connectionsReadTheSameInAllPieces() throws {
    let words = [
      "GET / HTTP/1.1\r\n", "POST", " ", "/", "HTTP/1.1", "\r\n", "\n", "\r", ": ",
      "Content-Length: 5\r\n",
      "Transfer-Encoding: chunked\r\n", "5\r\n", "0\r\n", "a", ";", "\r\n\r\n",
    ]
    for number in 1...20_000 {
      // Scattered over all combinations, and the same in every run.
      let seed = UInt64(number) &* 0x9E37_79B9_7F4A_7C15
      let text = (0..<16).map { words[Int(seed >> ($0 * 4) & 15)] }
      try RequestProperties.connection(Array(text.joined().utf8))
    }
  }
}
