import Testing

@testable import Wire

struct PrintableTextTests {
  @Test(arguments: [
    ("plain text: 100 %", "plain text: 100 %"),
    ("Grüße, 世界 👍", "Grüße, 世界 👍"),
    ("a\nb\r\tc", #"a\nb\r\tc"#),
    ("\u{1B}[31mred\u{1B}[0m", #"\u{1B}[31mred\u{1B}[0m"#),
    ("\u{1B}]0;title\u{07}", #"\u{1B}]0;title\u{7}"#),
    ("\u{9B}31m", #"\u{9B}31m"#),
    ("\u{0}\u{7F}\u{85}", #"\u{0}\u{7F}\u{85}"#),
    ("a\u{202E}b\u{2066}c\u{200F}", #"a\u{202E}b\u{2066}c\u{200F}"#),
    ("a\u{2028}b\u{2029}", #"a\u{2028}b\u{2029}"#),
    ("\u{200B}\u{FEFF}\u{AD}", #"\u{200B}\u{FEFF}\u{AD}"#),
    ("\u{E0041}\u{E0100}\u{E000}", #"\u{E0041}\u{E0100}\u{E000}"#),
    ("", ""),
  ])
  func whatATerminalWouldObeyIsEscaped(_ untrusted: String, _ safe: String) {
    #expect(PrintableText(untrusted).description == safe)
  }

  @Test func aLongTextKeepsItsStartOrItsEnd() {
    let text = "start" + String(repeating: "-", count: 1000) + "end"
    #expect(PrintableText(text, limit: 8).description == "start---…")
    #expect(PrintableText(text, limit: 8, keeping: .end).description == "…-----end")
  }

  @Test func escapesCountTowardsTheLimit() {
    let text = String(repeating: "\u{1B}", count: 1000)
    #expect(PrintableText(text, limit: 20).description.count <= 21)
    #expect(PrintableText(Array(text.utf8), limit: 20, keeping: .end).description.count <= 21)
  }

  @Test(arguments: [-1, 0])
  func whereNothingFitsOnlyTheCutIsShown(_ limit: Int) {
    #expect(PrintableText("abc", limit: limit).description == "…")
    #expect(PrintableText([0x61, 0x62], limit: limit, keeping: .end).description == "…")
    #expect(PrintableText("", limit: limit).description == "")
  }

  @Test func bytesThatAreNoTextAreReplaced() {
    #expect(PrintableText([0x61, 0xFF, 0xC3, 0x28, 0x0A]).description == "a\u{FFFD}\u{FFFD}(\\n")
  }

  @Test func halfACharacterAtTheCutIsNoProblem() {
    let bytes = Array(String(repeating: "€", count: 50).utf8)
    #expect(PrintableText(bytes, limit: 3, keeping: .end).description == "…€€€")
  }
}
