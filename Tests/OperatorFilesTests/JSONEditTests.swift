import Testing
import Wire

@testable import OperatorFiles

struct JSONEditTests {
  private func set(_ text: String, _ path: [String], _ value: String) throws -> String {
    var edit = try JSONEdit(Array(text.utf8), source: "f", allowsComments: true)
    try edit.set(path, to: JSONText(validating: value))
    return String(decoding: edit.bytes, as: UTF8.self)
  }

  private func remove(_ text: String, _ path: [String]) throws -> String? {
    var edit = try JSONEdit(Array(text.utf8), source: "f", allowsComments: true)
    return try edit.remove(path) ? String(decoding: edit.bytes, as: UTF8.self) : nil
  }

  @Test(arguments: [
    ("", "{\n  \"s\": {\n    \"n\": 1\n  }\n}\n"),
    ("{}", "{\n  \"s\": {\n    \"n\": 1\n  }\n}"),
    (#"{"s":{"n":0}}"#, #"{"s":{"n":1}}"#),
    (#"{"s":{}}"#, "{\"s\":{\n  \"n\": 1\n}}"),
    (#"{"a":1}"#, #"{"a":1, "s": {"n":1}}"#),
    (#"{"s":{"a":1}, "b":2}"#, #"{"s":{"a":1, "n": 1}, "b":2}"#),
    (
      "{\n\t\"s\": {\n\t\t\"a\": 1\n\t}\n}\n",
      "{\n\t\"s\": {\n\t\t\"a\": 1,\n\t\t\"n\": 1\n\t}\n}\n"
    ),
    ("{\n    \"a\": 1\n}", "{\n    \"a\": 1,\n    \"s\": {\n      \"n\": 1\n    }\n}"),
    ("{ // c\n}", "{ // c\n  \"s\": {\n    \"n\": 1\n  }\n}"),
    (
      "{\n  \"a\": 1, // one\n  /* \"s\": {} */\n}",
      "{\n  \"a\": 1,\n  \"s\": {\n    \"n\": 1\n  }, // one\n  /* \"s\": {} */\n}"
    ),
    (
      "{\n  \"a\\\"b\": \"// no\",\n}",
      "{\n  \"a\\\"b\": \"// no\",\n  \"s\": {\n    \"n\": 1\n  },\n}"
    ),
    (#"{"\u0073":{"\u006e":0}}"#, #"{"\u0073":{"\u006e":1}}"#),
  ])
  func oneMemberIsSetAndNothingElseChanges(_ before: String, _ after: String) throws {
    #expect(try set(before, ["s", "n"], "1") == after)
  }

  @Test(arguments: [
    (#"{"s":{"n":1}}"#, #"{"s":{}}"#), (#"{"s":{"n":1,"b":2}}"#, #"{"s":{"b":2}}"#),
    (#"{"s":{"b":2, "n":1}}"#, #"{"s":{"b":2}}"#),
    (#"{"s":{"a":0, "n":1, "b":2}}"#, #"{"s":{"a":0, "b":2}}"#),
    ("{\n  \"s\": {\n    \"n\": 1,\n    \"b\": 2\n  }\n}", "{\n  \"s\": {\n    \"b\": 2\n  }\n}"),
    ("{\"s\": {\n  // about\n  \"n\": 1,\n}}", "{\"s\": {\n  // about}}"),
  ])
  func oneMemberIsTakenOut(_ before: String, _ after: String) throws {
    guard before.contains("about") else {
      #expect(try remove(before, ["s", "n"]) == after)
      return
    }
    // A line comment in front of the last member must not swallow the brace.
    let result = try #require(try remove(before, ["s", "n"]))
    let check = try JSONEdit(Array(result.utf8), source: "f", allowsComments: true)
    #expect(try check.value(["s"])?.members == [])
  }

  @Test func whatIsNotThereCannotBeTakenOut() throws {
    #expect(try remove(#"{"s":{}}"#, ["s", "n"]) == nil)
    #expect(try remove(#"{"s":1}"#, ["s", "n"]) == nil)
    #expect(try remove("{}", ["s", "n"]) == nil)
  }

  @Test(arguments: [
    ("{", 1, 2), ("[]", 1, 1), ("{\n \"a\": 1 \"b\"}", 2, 9), ("{\"a\":1,\"a\":2}", 1, 8),
    ("{} x", 1, 4), ("{/* }", 1, 2), ("nul", 1, 1),
  ])
  func whatIsNoObjectIsRefusedWithItsPlace(_ text: String, _ line: Int, _ column: Int) throws {
    let problem = #expect(throws: Problem.self) {
      _ = try JSONEdit(Array(text.utf8), source: "f", allowsComments: true)
    }
    #expect(problem?.line == line)
    #expect(try #require(problem?.column) >= 1)
  }

  @Test func commentsAreRefusedWhereTheReaderKnowsNone() {
    #expect(throws: Problem.self) {
      _ = try JSONEdit(Array("{ // x\n}".utf8), source: "f", allowsComments: false)
    }
  }

  @Test func aParentThatIsNoObjectIsRefused() {
    #expect(throws: Problem.self) { _ = try set(#"{"s":[]}"#, ["s", "n"], "1") }
  }
}
