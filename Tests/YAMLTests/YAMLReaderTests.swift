import Testing
import Wire

@testable import YAML

struct YAMLReaderTests {
  @Test(arguments: [
    ("", YAMLScalar.Meaning.null), ("~", .null), ("null", .null), ("true", .bool(true)),
    ("false", .bool(false)), ("True", .text), ("yes", .text), ("no", .text), ("on", .text),
    ("0", .number("0")), ("-0", .number("-0")), ("+7", .number("7")), ("1.10", .number("1.10")),
    (".5", .number("0.5")), ("-.5", .number("-0.5")), ("5.", .number("5.0")), (".", .text),
    ("-", .text), ("1e3", .number("1e3")), ("1E+3", .number("1e3")), ("1e-3", .number("1e-3")),
    ("1e", .text), ("007", .text), ("0x10", .text), ("1_000", .text), ("12:30", .text),
    ("1.2.3", .text), (".inf", .text), ("٣", .text), ("2024-01-01", .text),
  ])
  func plainTextMeansOnlyWhatCannotSurprise(text: String, meaning: YAMLScalar.Meaning) {
    #expect(YAMLScalar(text: text, style: .plain).meaning == meaning)
    #expect(YAMLScalar(text: text, style: .quoted).meaning == .text)
    #expect(YAMLScalar(text: text, style: .block).meaning == .text)
  }

  @Test func wrongTypesAreAllReported() throws {
    let text = """
      name: [x]
      flag: "true"
      other: yes
      count: 1.5
      ratio: many
      list: {a: b}
      words: [a, [b], null]
      map: text
      """
    let reader = YAMLReader(source: "f")
    let fields = try #require(try document(text).root.flatMap { reader.fields($0, "the file") })
    #expect(fields.string("name") == nil)
    #expect(fields.bool("flag") == nil)
    #expect(fields.bool("other") == nil)
    #expect(fields.int("count") == nil)
    #expect(fields.double("ratio") == nil)
    #expect(fields.list("list") == nil)
    #expect(fields.strings("words") == ["a"])
    #expect(fields.entries("map") == nil)
    #expect(fields.requiredString("image") == nil)
    #expect(
      reader.problems.map(\.description) == [
        "f:1:7: error: name must be text, not a list",
        "f:2:7: error: flag must be true or false, not quoted text",
        "f:3:8: error: other must be true or false, not text",
        "f:4:8: error: count must be a whole number, not a number",
        "f:5:8: error: ratio must be a number, not text",
        "f:6:7: error: list must be a list, not a mapping",
        "f:7:12: error: an entry of words must be text, not a list",
        "f:7:17: error: an entry of words must be text, not nothing",
        "f:8:6: error: map must be a mapping, not text",
        "f:1:1: error: image is missing",
      ])
  }

  @Test func rightTypesAreRead() throws {
    let text = "s: 8080\nb: true\ni: -3\nd: 0.5\nl: [a]\nm: {k: v}\nempty:\n"
    let reader = YAMLReader(source: "f")
    let fields = try #require(try document(text).root.flatMap { reader.fields($0, "the file") })
    #expect(fields.string("s") == "8080")
    #expect(fields.bool("b") == true)
    #expect(fields.int("i") == -3)
    #expect(fields.double("d") == 0.5)
    #expect(fields.strings("l") == ["a"])
    #expect(fields.fields("m")?.string("k") == "v")
    #expect(fields.string("empty") == nil)
    #expect(fields.list("absent") == nil)
    #expect(reader.problems == [])
    #expect(fields.unknown == [])
  }

  @Test func unknownKeysComeWithASuggestion() throws {
    let reader = YAMLReader(source: "f")
    let root = try document("comand: [a]\nzzz: 1\n").root
    let fields = try #require(root.flatMap { reader.fields($0, "the file") })
    #expect(fields.strings("command") == nil)
    fields.reportUnknown(as: .warning)
    #expect(
      reader.takeProblems().map(\.description) == [
        "f:1:1: warning: unknown key `comand` (did you mean `command`?)",
        "f:2:1: warning: unknown key `zzz`",
      ])
    #expect(reader.problems == [])
  }

  @Test(arguments: [
    ("comand", "command"), ("COMMAND", "command"), ("commadn", "command"), ("imag", "image"),
    ("docker_args", nil), ("x", nil), ("", nil), (String(repeating: "a", count: 100_000), nil),
  ])
  func suggestionsAreSlipsOnly(written: String, meant: String?) {
    #expect(NameSuggestion.closest(to: written, among: ["command", "image", "volumes"]) == meant)
  }

  private func document(_ text: String) throws -> YAMLDocument {
    try YAMLDocument(Array(text.utf8), source: "f")
  }
}
