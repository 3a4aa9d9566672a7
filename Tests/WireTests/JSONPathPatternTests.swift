import Testing
import Wire

private let text = #"{"a":{"b":[1,{"c":2},[3]],"d e":"x"},"*":9}"#

@Test(arguments: [
  ("$", [text]), ("a.b[0]", ["1"]), ("$.a.b[1].c", ["2"]), ("a['b'][2][0]", ["3"]),
  (#"a["d e"]"#, [#""x""#]), ("a.b[*]", ["1", #"{"c":2}"#, "[3]"]), ("*.b[0]", ["1"]),
  ("a.*", [#"[1,{"c":2},[3]]"#, #""x""#]), ("['*']", ["9"]), ("a.b[3]", []), ("a.x.y", []),
  ("a[0]", []), ("a.b.c", []), ("[0]", []),
])
func aPathNamesValues(_ path: String, _ values: [String]) throws {
  let text = try JSONText(validating: text)
  #expect(try JSONPathPattern(parsing: path).values(in: text).map(\.description) == values)
}

@Test(arguments: [
  "", ".", "a.", "a..b", "$..a", "a[", "a[]", "a[-1]", "a[1:2]", "a[?(@.b)]", "a['b]", "a['b'",
  "a[1", "a[0123456789]", "$a", "a['b'c",
])
func whatIsNoPathIsSaid(_ path: String) {
  #expect(throws: JSONPathPattern.Flaw.self) { try JSONPathPattern(parsing: path) }
}

@Test func aPathHasNotTooManySteps() {
  let path = "a" + String(repeating: ".a", count: 64)
  #expect(throws: JSONPathPattern.Flaw.self) { try JSONPathPattern(parsing: path) }
}

@Test func partsAreReplacedWhereTheyStandAndInnerOnesGoWithTheOuter() throws {
  let whole = try JSONText(validating: #" {"a": [1, {"b": 2}], "c": 3 } "#)
  let outer = try #require(whole["a"])
  let inner = try #require(outer.elements.last?["b"])
  let last = try #require(whole["c"])
  let replaced = whole.replacing([
    (last, JSONText(string: "x")), (inner, .null), (outer, .emptyArray),
  ])
  #expect(replaced.description == #"{"a": [], "c": "x" }"#)
  #expect(whole.replacing([(inner, .null)]).description == #"{"a": [1, {"b": null}], "c": 3 }"#)
  #expect(whole.replacing([]).description == whole.description)
}

@Test func stringsAreReplacedByTheirNumber() throws {
  let whole = try JSONText(validating: #"{"a":"x","b":["y"]}"#)
  #expect(whole.replacingStrings([3: .null]).description == #"{"a":"x","b":[null]}"#)
  #expect(whole.replacingStrings([1: .null, 9: .null]).description == #"{"a":null,"b":["y"]}"#)
}
