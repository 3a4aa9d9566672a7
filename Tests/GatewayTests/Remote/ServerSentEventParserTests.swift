import Testing

@testable import Gateway

@Suite struct ServerSentEventParserTests {
  private static func parse(_ text: String, limit: Int = 1000) throws -> [String] {
    var parser = ServerSentEventParser(limit: limit)
    return try parser.parse(Array(text.utf8)).map(Self.shown)
  }

  private static func shown(_ event: ServerSentEvent) -> String {
    "\(event.name):\(String(decoding: event.data, as: UTF8.self))"
  }

  @Test(arguments: [
    ("data: a\n\n", ["message:a"]), ("data:a\r\n\r\n", ["message:a"]),
    ("data: a\r\r", ["message:a"]),
    ("data:  a\n\n", ["message: a"]), ("data: a\ndata: b\n\n", ["message:a\nb"]),
    ("data\n\n", ["message:"]), ("data:\n\n", ["message:"]), ("data\ndata\n\n", ["message:\n"]),
    ("event: x\ndata: a\n\ndata: b\n\n", ["x:a", "message:b"]),
    ("event: x\n\ndata: b\n\n", ["message:b"]),
    (": comment\n\ndata: a\n\n", ["message:a"]), (":\n:\r\n:\r", []), ("data: a\n", []),
    ("data: a", []), ("\u{FEFF}data: a\n\n", ["message:a"]),
    ("\u{FEFF}:c\ndata: a\n\n", ["message:a"]),
    ("\u{FEFF}\u{FEFF}data: a\n\n", []), ("data : a\n\n", []), ("DATA: a\n\n", []),
    ("datax: a\n\n", []), ("unknown: x\ndata: a\n\n", ["message:a"]), ("\n\n\n", []),
    ("event\ndata: a\n\n", ["message:a"]), ("data: a\r\ndata: b\rdata: c\n\n", ["message:a\nb\nc"]),
    ("event: endpoint\r\ndata: /m?s=1\r\n\r\n", ["endpoint:/m?s=1"]),
    ("data: a\n\r\n", ["message:a"]), ("data: {\"a\":\":b\"}\n\n", ["message:{\"a\":\":b\"}"]),
  ])
  func aStreamIsRead(_ text: String, _ events: [String]) throws {
    #expect(try Self.parse(text) == events)
  }

  @Test(arguments: [
    ("id: 1\ndata: a\n\n", "1"), ("id: 1\n\n", "1"), ("id: 1\n", nil), ("id: a\0b\n\n", nil),
    ("id: 1\n\nid\n\n", nil), ("id: 1\n\ndata: x\n\n", "1"), ("id: 1\n\nid: 2\ndata: x\n", "1"),
    ("id: 1\n\nid: 2\0\n\n", "1"),
  ])
  func theLastEventIDIsKept(_ text: String, _ id: String?) throws {
    var parser = ServerSentEventParser(limit: 1000)
    _ = try parser.parse(Array(text.utf8))
    #expect(parser.lastEventID == id)
  }

  @Test(arguments: [
    ("retry: 10\n", 10), ("retry:0\n", 0), ("retry: +1\n", nil), ("retry: 1.5\n", nil),
    ("retry: -1\n", nil), ("retry:\n", nil), ("retry: 99999999999999999999\n", nil),
    ("retry: ١\n", nil),
  ])
  func aReconnectionTimeIsDigitsOnly(_ text: String, _ time: Int?) throws {
    var parser = ServerSentEventParser(limit: 1000)
    _ = try parser.parse(Array(text.utf8))
    #expect(parser.reconnectionTime == time)
  }

  @Test(arguments: [
    "data: 0123456789a\n\n", "data: 01234\ndata: 56789\n\n", "0123456789abcdefg",
    "data: 0123456789", "event: 0123456789abc\n",
  ])
  func tooMuchIsAnErrorBeforeItIsKept(_ text: String) throws {
    var parser = ServerSentEventParser(limit: 10)
    if text == "data: 0123456789" {
      #expect(try parser.parse(Array(text.utf8)).isEmpty)
    } else {
      #expect(throws: ServerSentEventParser.TooLarge.self) { try parser.parse(Array(text.utf8)) }
    }
  }

  @Test func anEndlessCommentCostsNothing() throws {
    var parser = ServerSentEventParser(limit: 10)
    _ = try parser.parse(Array(":".utf8))
    for _ in 0..<100 { #expect(try parser.parse(Array(repeating: 0x61, count: 1000)).isEmpty) }
    #expect(try parser.parse(Array("\ndata: a\n\n".utf8)).map(Self.shown) == ["message:a"])
  }

  /// A small generator with a seed, so that a failure can be seen again.
  private struct Seeded: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ (state >> 29)
    }
  }

  private struct Outcome: Equatable {
    var events: [ServerSentEvent] = []
    var id: String?
    var retry: Int?
    var failed = false
  }

  private static func outcome(_ chunks: [[UInt8]]) -> Outcome {
    var parser = ServerSentEventParser(limit: 40)
    var outcome = Outcome()
    do {
      for chunk in chunks { outcome.events += try parser.parse(chunk) }
    } catch {
      // What one chunk held before the flaw is lost with it: only the failure itself is compared.
      return Outcome(failed: true)
    }
    outcome.id = parser.lastEventID
    outcome.retry = parser.reconnectionTime
    return outcome
  }

  @Test(arguments: 0..<20)
  func anyChunkingYieldsTheSameEvents(_ seed: UInt64) {
    var random = Seeded(state: seed &* 7919 &+ 1)
    let words = [
      "data: a", "data:", "data", "event: x", "id: 7", "id: \0", "retry: 5", ": c", "\n", "\r\n",
      "\r", "\n\n", "\r\r", "\r\n\r\n", "\u{FEFF}", " ", ":", "x", "data: ééé",
    ].map { Array($0.utf8) }
    for _ in 0..<200 {
      var bytes = (0..<Int.random(in: 1...24, using: &random)).flatMap { _ in
        words[Int.random(in: 0..<words.count, using: &random)]
      }
      if Bool.random(using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(
          in: 0...255, using: &random)
      }
      let whole = Self.outcome([bytes])
      #expect(Self.outcome(bytes.map { [$0] }) == whole)
      var chunks: [[UInt8]] = []
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = Int.random(in: 0...rest.count, using: &random)
        chunks.append(Array(rest.prefix(count)))
        rest = rest.dropFirst(count)
      }
      #expect(Self.outcome(chunks) == whole)
    }
  }
}

extension ServerSentEventParserTests {
  @Test func aStreamReadsTheSameInAllPieces() throws {
    let words = [
      "data", "event", "id", "retry", ":", " ", "\n", "\r", "\r\n", "\n\n", "a", "1", "\u{0}",
      "\u{FEFF}", "é", String(repeating: "x", count: 90),
    ]
    for number in 1...1_000 {
      // Scattered over all combinations, and the same in every run.
      let seed = UInt64(number) &* 0x9E37_79B9_7F4A_7C15
      let text = (0..<16).map { words[Int(seed >> ($0 * 4) & 15)] }
      try ServerSentEventProperties.stream(Array(text.joined().utf8))
    }
  }
}
