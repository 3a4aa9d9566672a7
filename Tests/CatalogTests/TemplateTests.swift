import Testing
import Wire

@testable import Catalog

struct TemplateTests {
  static let values = #"""
    {"s": {"word": "x", "empty": "", "null": null, "number": 8080, "exact": 1.10, "yes": true,
      "list": ["a", "b"], "none": [], "mixed": [1, [2, 3], {"k": "v"}], "map": {"b": 1, "a": "z"},
      "path": "/srv/x", "paths": ["/srv/x", "/srv/y"], "deep": {"er": {"still": "here"}},
      "braces": "{{s.word}}"}}
    """#

  /// The elements that a template stands for in a list, and the text it stands for elsewhere.
  @Test(
    arguments: [
      ("plain", ["plain"], "plain"),
      ("", [""], ""),
      ("{{s.word}}", ["x"], "x"),
      ("{{ s . word }}", ["x"], "x"),
      ("a{{s.word}}b{{s.word}}", ["axbx"], "axbx"),
      ("{{s.deep.er.still}}", ["here"], "here"),
      ("{{s.number}}", ["8080"], "8080"),
      ("{{s.exact}}", ["1.10"], "1.10"),
      ("{{s.yes}}", ["true"], "true"),
      ("--port={{s.number}}", ["--port=8080"], "--port=8080"),
      // Missing, null, and not a mapping on the way.
      ("{{s.missing}}", [""], ""), ("{{s.null}}", [""], ""), ("{{s.word.er}}", [""], ""),
      ("{{other.word}}", [""], ""), ("{{}}", [""], ""), ("{{s.list.0}}", [""], ""),
      // Lists spread only where they are alone.
      ("{{s.list}}", ["a", "b"], "[a b]"), ("x{{s.list}}", ["x[a b]"], "x[a b]"),
      ("{{s.none}}", [], "[]"),
      ("{{s.mixed}}", ["1", "[2 3]", "map[k:v]"], "[1 [2 3] map[k:v]]"),
      ("{{s.map}}", ["map[a:z b:1]"], "map[a:z b:1]"),
      // Braces that are no reference stay.
      (#"{"a":{"b":1}}"#, [#"{"a":{"b":1}}"#], #"{"a":{"b":1}}"#),
      (#"{"a":"{{s.word}}"}"#, [#"{"a":"x"}"#], #"{"a":"x"}"#),
      ("{{{s.word}}}", ["{x}"], "{x}"), ("{{s.word", ["{{s.word"], "{{s.word"),
      ("s.word}}", ["s.word}}"], "s.word}}"), ("{ {s.word} }", ["{ {s.word} }"], "{ {s.word} }"),
      // What a value holds is not a template again.
      ("{{s.braces}}", ["{{s.word}}"], "{{s.word}}"),
      // Filters.
      ("{{s.list|first}}", ["a"], "a"), ("{{s.list | last}}", ["b"], "b"),
      ("{{s.none|first}}", [""], ""), ("{{s.missing|last}}", [""], ""),
      ("{{s.word|first}}", ["x"], "x"),
      ("{{s.word|into}}", ["x"], "[x]"), ("{{s.list|into}}", ["a", "b"], "[a b]"),
      ("{{s.word|or:en}}", ["x"], "x"), ("{{s.missing|or:en}}", ["en"], "en"),
      ("{{s.empty|or:a b}}", ["a b"], "a b"), ("{{s.null|or:}}", [""], ""),
      ("{{s.none|or:en}}", ["en"], "en"), ("{{s.none|or:[a, b]}}", ["a", "b"], "[a b]"),
      ("{{s.none|or:[]}}", [], "[]"), ("{{s.list|or:[]}}", ["a", "b"], "[a b]"),
      // Docker's gateway makes the text `[]` of this; see docs/configuration.md.
      ("{{s.missing|or:[]|into}}", [], "[]"), ("{{s.missing|or:[a,b]}}", ["a", "b"], "[a b]"),
      ("{{s.list|first|or:en}}", ["a"], "a"), ("{{s.none|first|or:en}}", ["en"], "en"),
      ("{{s.path|mount_as:/n:ro}}", ["/srv/x:/n:ro"], "/srv/x:/n:ro"),
      ("{{s.missing|mount_as:/n:ro}}", [""], ""),
      ("{{s.paths|mount_as:/n}}", ["/srv/x:/n"], "/srv/x:/n"),
      ("{{s.path|volume}}", ["/srv/x:/srv/x"], "/srv/x:/srv/x"),
      ("{{s.paths|volume}}", ["/srv/x:/srv/x", "/srv/y:/srv/y"], "[/srv/x:/srv/x /srv/y:/srv/y]"),
      ("{{s.missing|volume}}", [""], ""), ("{{s.path|volume-target}}", ["/srv/x"], "/srv/x"),
      ("{{s.paths|volume-target|into}}", ["/srv/x", "/srv/y"], "[/srv/x /srv/y]"),
      // Unknown filters, and known ones with a space that makes them unknown.
      ("{{s.word|upper}}", ["x"], "x"), ("{{s.missing| or:en}}", [""], ""),
      ("{{s.word|}}", ["x"], "x"),
    ] as [(String, [String], String)])
  func templatesBecomeText(source: String, elements: [String], text: String) throws {
    let values = try JSONText(validating: Self.values)
    let template = Template(source)
    #expect(template.elements(with: values).map(\.text) == elements)
    #expect(template.text(with: values).text == text)
    #expect(template.source == source)
  }

  @Test func unknownFiltersAreKnownByName() {
    #expect(Template("{{a|upper| or:x|first}}{{b|}}").unknownFilters == ["upper", "or:x", ""])
  }

  @Test func whatCameFromAValueIsKnown() throws {
    let values = try JSONText(validating: Self.values)
    let text = Template("-{{s.path|volume}}:{{s.missing|or:ro}}").text(with: values)
    #expect(
      text.pieces == [
        .init(text: "-", isData: false), .init(text: "/srv/x", isData: true),
        .init(text: ":", isData: false), .init(text: "/srv/x", isData: true),
        .init(text: ":", isData: false), .init(text: "ro", isData: false),
      ])
    #expect(!text.startsWithData)
    #expect(Template("{{s.missing}}{{s.word}}x").text(with: values).startsWithData)
  }

  @Test func manyBracesTakeNoTime() {
    let braces = String(repeating: "{{", count: 50_000)
    #expect(Template(braces).parts == [.literal(braces)])
  }
}

struct ExpandableTextTests {
  @Test(arguments: [
    ("$A", "one"), ("${A}", "one"), ("x$A-${B}y", "xone-twoy"), ("$A$B", "onetwo"),
    ("$AB", ""), ("${AB}", ""), ("$UNKNOWN!", "!"), ("$", "$"), ("$$", "$$"), ("a$", "a$"),
    ("$1", "$1"), ("${A", "${A"), ("${}", "${}"), ("${A-x}", "${A-x}"), ("$_x", ""),
    ("é$A", "éone"),
  ])
  func variablesAreReplaced(source: String, text: String) {
    let variables: [String: ResolvedText] = ["A": .plain("one"), "B": .plain("two")]
    #expect(ExpandableText(source).resolved(with: variables) == .plain(text))
  }

  @Test func aTextWithASecretIsASecret() {
    let variables: [String: ResolvedText] = ["A": .secret(Secret("s3cret")), "B": .plain("two")]
    let text = ExpandableText("Bearer $A").resolved(with: variables)
    #expect(text == .secret(Secret("Bearer s3cret")))
    #expect("\(text)" == "<secret>")
    #expect(ExpandableText("Bearer $B").resolved(with: variables) == .plain("Bearer two"))
  }

  @Test func valuesAreNotExpandedAgain() {
    let variables: [String: ResolvedText] = ["A": .plain("$B"), "B": .plain("two")]
    #expect(ExpandableText("$A").resolved(with: variables) == .plain("$B"))
  }
}
