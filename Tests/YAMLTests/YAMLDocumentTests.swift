import Testing
import Wire

@testable import YAML

/// A document's tree as JSON, or what was said instead.
func reading(_ text: String, limits: YAMLLimits = .localFile) -> String {
  reading(Array(text.utf8), limits: limits)
}

func reading(_ bytes: [UInt8], limits: YAMLLimits = .localFile) -> String {
  do {
    return try YAMLDocument(bytes, source: "f", limits: limits).root?.json.description ?? "nothing"
  } catch { return error.description }
}

struct YAMLDocumentTests {
  @Test(arguments: [
    ("", "nothing"),
    ("# only a comment\n", "nothing"),
    ("---\n...\n", "nothing"),
    ("null", "nothing"),
    ("a: 1", #"{"a":1}"#),
    ("\u{FEFF}a: 1", #"{"a":1}"#),
    ("a: 1\r\nb: 2\r\n", #"{"a":1,"b":2}"#),
    ("%YAML 1.1\n---\na: b", #"{"a":"b"}"#),
    ("a:\n- x\n- {y: z}\n", #"{"a":["x",{"y":"z"}]}"#),
    ("a: |\n  one\n  two\nb: >\n  one\n  two\n", #"{"a":"one\ntwo\n","b":"one two\n"}"#),
    (#"{"a": [true, null, "true", -1.5e3, "\u00e9"]}"#, #"{"a":[true,null,"true",-1.5e3,"é"]}"#),
    ("{\n\t\"a\":\t1\n}", #"{"a":1}"#),
    (
      #"{"face":"\ud83d\ude00","kept":"\\ud83d\\ude00"}"#,
      #"{"face":"😀","kept":"\\ud83d\\ude00"}"#
    ),
    (#"face: \ud83d\ude00"#, #"{"face":"\\ud83d\\ude00"}"#),
    (#""<<": x"#, #"{"<<":"x"}"#),
    ("1: a\ntrue: b", #"{"1":"a","true":"b"}"#),
    ("日本: 語", #"{"日本":"語"}"#),
  ])
  func documentsAreRead(text: String, json: String) {
    #expect(reading(text) == json)
  }

  @Test(arguments: [
    ("a: &x 1", "f:1:4: error: anchors (&name) are not accepted (remove it)"),
    ("a: &x 1\nb: *x", "f:1:4: error: anchors (&name) are not accepted (remove it)"),
    ("a: *x", "f:1:4: error: aliases (*name) are not accepted (write the value out)"),
    ("a: !!str 1", "f:1:4: error: tags (!name) are not accepted (quote a value that is text)"),
    ("- !x {a: b}", "f:1:3: error: tags (!name) are not accepted (quote a value that is text)"),
    ("- ! x", "f:1:3: error: tags (!name) are not accepted (quote a value that is text)"),
    (
      "a: 1\nb: 2\na: 3",
      "f:3:1: error: the key `a` stands here a second time (the first is in line 1)"
    ),
    (
      #"{"a": 1, "\u0061": 2}"#,
      "f:1:10: error: the key `a` stands here a second time (the first is in line 1)"
    ),
    (
      "x:\n  <<: {a: b}",
      "f:2:3: error: merge keys (<<) are not accepted (write the entries out)"
    ),
    (
      "a: 1\n---\nb: 2",
      "f:2:1: error: a second document starts here (keep one document in a file)"
    ),
    ("? [a, b]\n: c", "f:1:3: error: a key must be text, not a list or a mapping"),
    ("{a: b}: c", "f:1:1: error: a key must be text, not a list or a mapping"),
    ("{: x}", "f:1:2: error: a key is missing before the colon"),
    (
      "a:\n\tb: c",
      """
      f:2:1: error: this is not YAML: while scanning for the next token: found character that \
      cannot start any token (indent with spaces, and quote values that start with @, ` or %)
      """
    ),
    (
      "a: [1, 2",
      """
      f:2:1: error: this is not YAML: while parsing a flow sequence from line 1: did not find \
      expected ',' or ']'
      """
    ),
    (
      "a: \"open",
      "f:1:9: error: this is not YAML: while scanning a quoted scalar: found unexpected end of stream"
    ),
    (
      "a: b: c",
      """
      f:1:5: error: this is not YAML: mapping values are not allowed in this context (quote \
      values that contain a colon and a space)
      """
    ),
    ("a: 1\nb\u{0}: 2", "f:2:2: error: this is not text: it holds a NUL byte"),
    (
      "a: \u{7}",
      """
      f:1:4: error: this is not text: it holds a control character (in double quotes it can be \
      written as \\xNN)
      """
    ),
    (
      "a: \u{9b}31m",
      """
      f:1:4: error: this is not text: it holds a control character (in double quotes it can be \
      written as \\xNN)
      """
    ),
    (#"a: "x\0""#, "f:1:4: error: a NUL character is not accepted"),
  ])
  func whatIsAmbiguousOrBrokenIsRefusedWithItsPlace(text: String, problem: String) {
    #expect(reading(text) == problem)
  }

  @Test(
    arguments: [
      ([0x61, 0x3A, 0x20, 0xFF], "f:1:4: error: this is not UTF-8 text (save it as UTF-8)"),
      ([0x61, 0x0A, 0xC3, 0xA9, 0xC3], "f:2:2: error: this is not UTF-8 text (save it as UTF-8)"),
      ([0xED, 0xA0, 0x80], "f:1:1: error: this is not UTF-8 text (save it as UTF-8)"),
      ([0xFF, 0xFE, 0x61, 0x00], "f:1:1: error: this is UTF-16 (save it as UTF-8)"),
      ([0x7F, 0x45, 0x4C, 0x46, 0, 0], "f:1:5: error: this is not text: it holds a NUL byte"),
    ] as [([UInt8], String)])
  func bytesThatAreNoTextAreRefused(bytes: [UInt8], problem: String) {
    #expect(reading(bytes) == problem)
  }

  @Test func limitsHold() {
    let nested = { String(repeating: "[", count: $0) + String(repeating: "]", count: $0) }
    #expect(reading(nested(64)) == nested(64))
    #expect(reading(nested(65)) == "f:1:65: error: the nesting is deeper than 64")
    #expect(reading(String(repeating: "[", count: 100_000)).contains("deeper than 64"))
    #expect(reading(String(repeating: "- ", count: 100_000)).contains("deeper than 64"))
    let few = YAMLLimits(maximumNodes: 3)
    #expect(reading("[a, b]", limits: few) == #"["a","b"]"#)
    #expect(reading("[a, b, c]", limits: few) == "f:1:8: error: there are more than 3 values")
    let small = YAMLLimits(maximumBytes: 4)
    #expect(reading("a: b", limits: small) == #"{"a":"b"}"#)
    #expect(
      reading("a: bc", limits: small)
        == "f:1:1: error: the text has 5 bytes; at most 4 are read")
  }

  @Test func anAliasBombIsRefusedAtItsFirstAnchor() {
    let bomb = (0..<40).map { "l\($0): &l\($0) [*l\(max(0, $0 - 1)), *l\(max(0, $0 - 1))]" }
    #expect(reading(bomb.joined(separator: "\n")).hasPrefix("f:1:5: error: anchors"))
  }

  @Test func namesInMessagesCannotDriveATerminal() {
    let problem = reading("\"\\e[31m\": 1\n\"\\e[31m\": 2")
    #expect(problem.contains("`\\u{1b}[31m`"))
    #expect(!problem.unicodeScalars.contains("\u{1B}"))
  }

  @Test func valuesKnowTheirPlaces() throws {
    let document = try YAMLDocument(Array("é: [a,\n  {b: c}]".utf8), source: "f")
    guard case .mapping(let entries) = document.root?.kind, let entry = entries.first,
      case .sequence(let elements) = entry.value.kind
    else {
      Issue.record("the document was read otherwise")
      return
    }
    #expect((entry.keyLine, entry.keyColumn) == (1, 1))
    #expect((entry.value.line, entry.value.column) == (1, 4))
    #expect(elements.map(\.line) == [1, 2])
    #expect(elements.map(\.column) == [5, 3])
  }
}
