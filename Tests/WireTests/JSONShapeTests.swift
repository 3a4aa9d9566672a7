import Testing

@testable import Wire

struct JSONShapeTests {
  @Test(arguments: [
    (#"{"path":"/etc/passwd!","lines":[1,2,3]}"#, "{path: string(12), lines: [integer x3]}"),
    (
      #"{"a":1.5,"b":-1,"c":1e3,"d":true,"e":null}"#,
      "{a: number, b: integer, c: number, d: boolean, e: null}"
    ),
    (#"{}"#, "{}"), (#"[]"#, "[]"), (#"{"a":{},"b":[]}"#, "{a: {}, b: []}"),
    (#""secret""#, "string(6)"), (#""\u00e9\n😀\ud83d\ude00""#, "string(4)"),
    (#"["a","b",1,{"x":1},null,null]"#, "[string x2, integer, {x: integer}, null x2]"),
    (#"[{"a":1},{"b":2}]"#, "[{…} x2]"), (#"[[1],[2]]"#, "[[…] x2]"),
    (
      #"{"a":{"b":{"c":{"d":1},"e":[1],"f":{},"g":[]}}}"#,
      "{a: {b: {c: {…}, e: […], f: {}, g: []}}}"
    ),
    (#"{"odd name":1,"":2,"a:b":3}"#, #"{"odd name": integer, "": integer, "a:b": integer}"#),
    ("{\"a\u{202E}\":1,\"\\u001b[31m\":2}", #"{a\u{202E}: integer, "\u001b[31m": integer}"#),
  ])
  func aShapeShowsNamesAndKindsOnly(_ text: String, _ shape: String) throws {
    #expect(JSONShape(of: try JSONText(validating: text)).description == shape)
  }

  @Test func aShapeIsBoundedWhateverTheValue() throws {
    let long = String(repeating: "x", count: 10_000)
    let texts = [
      "{" + (0..<5000).map { "\"name\($0)\":{\"a\":[1,\"b\"]}" }.joined(separator: ",") + "}",
      "[" + (0..<5000).map { $0.isMultiple(of: 2) ? "1" : "\"a\"" }.joined(separator: ",") + "]",
      "{\"\(long)\":\"\(long)\"}",
      "{\"a\":{\"b\":{\"\(long)\":1,\"\(long)2\":1}}}",
    ]
    for text in texts {
      let shape = JSONShape(of: try JSONText(validating: text)).description
      #expect(shape.count < 300)
      #expect(shape.contains("…") || shape.contains("string(10000)"))
    }
  }
}
