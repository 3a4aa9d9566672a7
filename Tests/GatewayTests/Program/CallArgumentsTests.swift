import Testing
import Wire

@testable import gateway

struct CallArgumentsTests {
  static let schema = #"""
    {"properties": {"n": {"type": "integer"}, "x": {"type": ["number", "null"]},
      "b": {"type": "boolean"}, "s": {"type": "string"}, "a": {"type": "array"},
      "l": {"type": "array", "items": {"type": "integer"}}, "o": {"type": "object"}}}
    """#

  @Test(
    arguments: [
      (["s=1"], #"{"s":"1"}"#), (["n=1"], #"{"n":1}"#), (["n=one"], #"{"n":"one"}"#),
      (["x=1.5"], #"{"x":1.5}"#), (["b=true"], #"{"b":true}"#), (["b=yes"], #"{"b":"yes"}"#),
      (["l=1"], #"{"l":[1]}"#), (["l=1", "l=2"], #"{"l":[1,2]}"#), (["a=1"], #"{"a":["1"]}"#),
      (["o={\"k\":1}"], #"{"o":{"k":1}}"#), (["k"], #"{"k":null}"#), (["u=1"], #"{"u":"1"}"#),
      (["u=a", "u=b"], #"{"u":["a","b"]}"#), (["s=a=b"], #"{"s":"a=b"}"#), ([], "{}"),
      (["s="], #"{"s":""}"#), (["n=1", "s=x", "n=2"], #"{"n":[1,2],"s":"x"}"#),
    ] as [([String], String)])
  func wordsBecomeWhatTheSchemaAsksFor(_ words: [String], _ json: String) throws {
    let schema = try JSONText(validating: Self.schema)
    #expect(try CallArguments(words: words, json: nil).object(for: schema).description == json)
  }

  @Test func anObjectIsTakenAsItIs() throws {
    let arguments = try CallArguments(words: [], json: #"{"n": "1"}"#)
    #expect(arguments.object(for: nil).description == #"{"n": "1"}"#)
  }

  @Test(arguments: [([], "[1]"), ([], "{"), ([], ""), (["a=1"], "{}")] as [([String], String)])
  func whatIsNoObjectIsRefused(_ words: [String], _ json: String) {
    #expect(throws: Problem.self) { try CallArguments(words: words, json: json) }
  }
}
