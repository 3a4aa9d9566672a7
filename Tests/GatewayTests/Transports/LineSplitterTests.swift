import Testing

@testable import Gateway

@Suite struct LineSplitterTests {
  static func split(_ chunks: [String], limit: Int = 8) -> [LineSplitter.Line] {
    var splitter = LineSplitter(limit: limit)
    var lines: [LineSplitter.Line] = []
    for chunk in chunks { splitter.take(Array(chunk.utf8)[...]) { lines.append($0) } }
    splitter.finish { lines.append($0) }
    return lines
  }

  static func line(_ text: String) -> LineSplitter.Line { .line(Array(text.utf8)) }

  @Test(arguments: [
    (["a\nb\n"], [line("a"), line("b")]),
    (["a\r\nb\r\n"], [line("a"), line("b")]),
    (["a", "b\n", "c"], [line("ab"), line("c")]),
    (["\n\r\n  \t\n", "a"], [line("a")]),
    (["12345678\n"], [line("12345678")]),
    (["12345678\r\n"], [line("12345678")]),
    (["123456789\n"], [.tooLong]),
    (["1234567890", "1234567890\nnext\n"], [.tooLong, line("next")]),
    (["1234567890"], [.tooLong]),
    (["12345678\r", "9\n"], [.tooLong]),
    ([], []),
    (["\u{e9}"], [line("\u{e9}")]),
  ])
  func linesAreCutHoweverTheBytesArrive(chunks: [String], lines: [LineSplitter.Line]) {
    #expect(Self.split(chunks) == lines)
  }

  @Test func everySplitOfTheSameBytesGivesTheSameLines() {
    let text = "abc\r\n\ndefgh\n123456789012\nx"
    let whole = Self.split([text])
    for cut in 0...text.utf8.count {
      let bytes = Array(text.utf8)
      var splitter = LineSplitter(limit: 8)
      var lines: [LineSplitter.Line] = []
      splitter.take(bytes[..<cut]) { lines.append($0) }
      splitter.take(bytes[cut...]) { lines.append($0) }
      splitter.finish { lines.append($0) }
      #expect(lines == whole)
    }
  }
}
