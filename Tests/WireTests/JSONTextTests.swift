import Testing

@testable import Wire

struct JSONTextTests {
  private static func json(_ text: String) throws -> JSONText { try JSONText(validating: text) }

  @Test func partsAreTheirOwnBytes() throws {
    let text = try Self.json(#" {"a" : [1, "x\/" ,{ }], "\u0062":-0.50 ,"c":{"d":null}} "#)
    #expect(text.members.map(\.name) == ["a", "b", "c"])
    #expect(
      text.members.map(\.value.description) == [#"[1, "x\/" ,{ }]"#, "-0.50", #"{"d":null}"#])
    #expect(text["a"]?.elements.map(\.description) == ["1", #""x\/""#, "{ }"])
    #expect(text["b"]?.double == -0.5)
    #expect(text["c"]?["d"]?.isNull == true)
    #expect(text["d"] == nil)
    #expect(text["a"]?["d"] == nil)
    #expect(text["b"]?.elements.isEmpty == true)
  }

  @Test func valuesAreReadByTheirKindOnly() throws {
    #expect(try Self.json("1").string == nil)
    #expect(try Self.json(#""1""#).int == nil)
    #expect(try Self.json("1.0").int == nil)
    #expect(try Self.json("9223372036854775807").int == Int.max)
    #expect(try Self.json("9223372036854775808").int == nil)
    #expect(try Self.json("true").bool == true)
    #expect(try Self.json("false").bool == false)
    #expect(try Self.json("null").bool == nil)
    #expect(try Self.json(#""\ud83d\ude00\u00e9\n\\\"\/""#).string == "😀é\n\\\"/")
  }

  /// A name with a backslash or quote must not be taken for the raw bytes of another.
  @Test(arguments: [
    (#"{"a\\n":1,"a\n":2}"#, "a\\n", 1), (#"{"a\\n":1,"a\n":2}"#, "a\n", 2),
    (#"{"a\"":1,"a":2}"#, "a\"", 1), (#"{"a":1,"a\"":2}"#, "a", 1),
    (#"{"":1,"a":2}"#, "", 1), (#"{"é":1}"#, "é", 1), (#"{"\u00e9":1}"#, "é", 1),
    (#"{"ab":1,"abc":2}"#, "abc", 2), (#"{"abc":1,"ab":2}"#, "ab", 2),
  ])
  func aMemberIsFoundByItsPlainName(_ text: String, _ name: String, _ value: Int) throws {
    #expect(try Self.json(text)[name]?.int == value)
  }

  @Test func aCanonicallyEquivalentNameIsAnotherName() throws {
    #expect(try Self.json("{\"e\u{301}\":1}")["\u{E9}"] == nil)
  }

  @Test(arguments: [
    (#"{"a":1,"b":2}"#, "a", #"{"a":9,"b":2}"#, #"{"b":2}"#),
    (#"{ "a" : 1 , "b" : 2 }"#, "b", #"{ "a" : 1 , "b" : 9 }"#, #"{ "a" : 1 }"#),
    (#"{ "a" : 1 , "b" : 2 }"#, "a", #"{ "a" : 9 , "b" : 2 }"#, #"{ "b" : 2 }"#),
    (#"{ "a" : 1 }"#, "a", #"{ "a" : 9 }"#, "{  }"),
    (#"{"x":1,"a":[1,{"a":2}],"y":3}"#, "a", #"{"x":1,"a":9,"y":3}"#, #"{"x":1,"y":3}"#),
    (#"{"\u0061":1,"\/":"\u00e9"}"#, "a", #"{"\u0061":9,"\/":"\u00e9"}"#, #"{"\/":"\u00e9"}"#),
    (#"{}"#, "a", #"{"a":9}"#, #"{}"#), (#"{ }"#, "a", #"{"a":9 }"#, #"{ }"#),
    (#"{"b":1 }"#, "a", #"{"b":1,"a":9 }"#, #"{"b":1 }"#),
    (#"{"b":1}"#, "\"\\\n", #"{"b":1,"\"\\\n":9}"#, #"{"b":1}"#),
    (#"[1]"#, "a", #"[1]"#, #"[1]"#), (#""a""#, "a", #""a""#, #""a""#),
  ])
  func settingAMemberKeepsAllOtherBytes(
    _ text: String, _ name: String, _ set: String, _ removed: String
  ) throws {
    let json = try Self.json("  \(text)\n")
    #expect(json.setting(name, to: JSONText(9)).description == set)
    #expect(json.setting(name, to: nil).description == removed)
  }

  @Test(arguments: [
    (#"{"_meta":{"progressToken":1,"x":2},"n":1}"#, #"{"_meta":{"progressToken":9,"x":2},"n":1}"#),
    (#"{"_meta":{ },"n":1}"#, #"{"_meta":{"progressToken":9 },"n":1}"#),
    (#"{"n":1}"#, #"{"n":1,"_meta":{"progressToken":9}}"#),
    (#"{}"#, #"{"_meta":{"progressToken":9}}"#), (#"{"_meta":[]}"#, nil), (#"[]"#, nil),
  ])
  func anInnerMemberIsSetInPlace(_ text: String, _ expected: String?) throws {
    let set = try Self.json(text).setting(["_meta", "progressToken"], to: JSONText(9))
    #expect(set?.description == expected)
  }

  @Test func anInnerMemberIsTakenOutAndAbsentOnesAreLeftAlone() throws {
    let text = try Self.json(#"{"a":{"b":{"c":1,"d":2}},"e":{"b":3}}"#)
    #expect(
      text.setting(["a", "b", "c"], to: nil)?.description == #"{"a":{"b":{"d":2}},"e":{"b":3}}"#)
    #expect(text.setting(["e", "b"], to: nil)?.description == #"{"a":{"b":{"c":1,"d":2}},"e":{}}"#)
    #expect(text.setting(["x", "y", "z"], to: nil) == text)
    #expect(text.setting(["a", "x"], to: nil) == text)
    #expect(
      text.setting(["e", "f", "g"], to: .null)?.description
        == #"{"a":{"b":{"c":1,"d":2}},"e":{"b":3,"f":{"g":null}}}"#)
    #expect(text.setting([String](), to: .null) == nil)
    let inner = try #require(text["a"])
    #expect(inner.setting(["b", "c"], to: nil)?.description == #"{"b":{"d":2}}"#)
  }

  @Test(arguments: ["", "a", "\"\\/\n\r\t\u{8}\u{C}\u{1}\u{1F}\u{7F}", "é😀\u{2028}", "\\u0041"])
  func aWrittenStringReadsBack(_ string: String) throws {
    let written = JSONText(string: string)
    #expect(try Self.json(written.description) == written)
    #expect(written.string == string)
  }

  @Test func whatWeWriteIsWhatWeAccept() throws {
    let written = JSONText(object: [
      ("nul\u{0}", JSONText(string: "\u{0}")), ("list", JSONText(array: [JSONText(true), .null])),
      ("int", JSONText(Int.min)), ("empty", .emptyObject), ("none", .emptyArray),
    ])
    #expect(try Self.json(written.description) == written)
    #expect(written["nul\u{FFFD}"]?.string == "\u{FFFD}")
  }
}
