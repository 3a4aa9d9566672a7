import Testing

@testable import Wire

struct JSONStringsTests {
  private static func found(_ text: String) throws -> [String] {
    try JSONText(validating: text).strings.map {
      "\($0.isName ? "name" : "value") \($0.string) at \($0.path)"
    }
  }

  @Test func everyNameAndValueIsFoundInOrderWithItsPath() throws {
    let text = #"{"a":"1","b" : [ "2", {"odd name":"3","c":{"d":"4"}}, [["5"]] ], "n":12}"#
    #expect(
      try Self.found(text) == [
        "name a at ", "value 1 at a", "name b at ", "value 2 at b[0]",
        "name odd name at b[1]", #"value 3 at b[1]["odd name"]"#, "name c at b[1]",
        "name d at b[1].c", "value 4 at b[1].c.d", "value 5 at b[2][0][0]", "name n at ",
      ])
  }

  @Test(arguments: ["1", "{}", "[]", "[1,true,null]", "[[],{}]"])
  func aTextWithoutStringsHasNone(_ text: String) throws {
    #expect(try Self.found(text).isEmpty)
  }

  @Test func bracketsAndColonsInsideStringsMeanNothing() throws {
    let text = #"{"a]}:":"[{\":","b\\":"\\\\","c":":"}"#
    #expect(
      try JSONText(validating: text).strings.map(\.string)
        == ["a]}:", #"[{":"#, #"b\"#, #"\\"#, "c", ":"])
  }

  @Test(arguments: 0..<20)
  func quotesBehindEscapesEndNoString(_ filler: Int) throws {
    let filler = String(repeating: "x", count: filler)
    for end in [#"\""#, #"\\"#, #"\\\""#, #"\""# + filler + #"\\"#] {
      let text = #"["\#(filler)\#(end)","next"]"#
      #expect(try JSONText(validating: text).strings.map(\.string).last == "next")
      #expect(try JSONText(validating: text).elements.count == 2)
    }
  }

  @Test func aStringInAPartIsNamedFromThatPart() throws {
    let params = try JSONText(validating: #"{"name":"x","arguments":{"items":[{"path":"p"}]}}"#)
    let arguments = try #require(params["arguments"])
    #expect(arguments.strings.map(\.path.description).last == "items[0].path")
    #expect(params.strings.map(\.path.description).last == "arguments.items[0].path")
  }

  @Test func escapesAreResolvedOnlyWhenAskedFor() throws {
    let text = try JSONText(validating: #"["a\u0062\n"]"#)
    let string = try #require(text.strings.first { _ in true })
    #expect(string.isEscaped)
    #expect(Array(string.raw) == Array(#"a\u0062\n"#.utf8))
    #expect(string.string == "ab\n")
  }

  @Test func aPathLeadsBackToItsValue() throws {
    let text = try JSONText(validating: #"{"a":[{"x y":[1,"s"]}],"":{"":"e"}}"#)
    for string in text.strings where !string.isName {
      #expect(text[string.path]?.string == string.string)
    }
  }
}
