import Testing
import Wire

@testable import Gateway

/// Headers that repeat the body, and the schemas that say which arguments are repeated.
struct MirroringTests {
  @Test(arguments: [
    ("plain", "plain"), ("with space", "with space"), ("", ""), ("~!#", "~!#"),
    (" edge", "=?base64?IGVkZ2U=?="), ("edge ", "=?base64?ZWRnZSA=?="), ("é", "=?base64?w6k=?="),
    ("\u{1F600}", "=?base64?8J+YgA==?="), ("a\nb", "=?base64?YQpi?="), ("\t", "=?base64?CQ==?="),
    ("=?base64?eA==?=", "=?base64?PT9iYXNlNjQ/ZUE9PT89?="),
  ])
  func valuesSurviveAHeader(value: String, header: String) {
    #expect(HeaderText.encode(value) == header)
    #expect(HeaderText.decode(header) == value)
  }

  @Test(arguments: [
    "=?base64?*?=", "=?base64?eA?=", "=?base64?eB==?=", "=?base64?/w==?=", "=?base64?e A==?=",
  ])
  func aBrokenWrapperIsNothing(header: String) { #expect(HeaderText.decode(header) == nil) }

  @Test(arguments: ["=?base64?=", "=?BASE64?eA==?=", "=?base64?eA==", "x=?base64?eA==?="])
  func whatIsNoWrapperIsItself(header: String) { #expect(HeaderText.decode(header) == header) }

  private static func schema(_ properties: String, _ more: String = "") throws -> JSONText {
    try JSONText(validating: #"{"type":"object","properties":{\#(properties)}\#(more)}"#)
  }

  @Test func annotationsAreFoundAlongProperties() throws {
    let found = try MirroredParameters(
      schema: Self.schema(
        #""a":{"type":"string","x-mcp-header":"A"},"o":{"type":"object","properties":{"#
          + #""n":{"type":"integer","x-mcp-header":"Num"}}},"plain":{"type":"string"}"#))
    #expect(found?.parameters.map(\.token) == ["A", "Num"])
    #expect(found?.parameters.map(\.path) == [["a"], ["o", "n"]])
    let arguments = try JSONText(validating: #"{"a":"é","o":{"n":42}}"#)
    #expect(
      found?.headers(for: arguments).map { "\($0.name): \($0.value)" }
        == ["Mcp-Param-A: =?base64?w6k=?=", "Mcp-Param-Num: 42"])
    #expect(found?.headers(for: try JSONText(validating: #"{"a":null}"#)).isEmpty == true)
  }

  @Test(arguments: [
    ##""a":{"type":"string"}"##, ##""a":{"type":"string","default":"x"}"##,
    ##""a":{"enum":[{"x-mcp-header":"A"}]}"##,
  ])
  func schemasWithoutAnnotationsMirrorNothing(properties: String) throws {
    #expect(try MirroredParameters(schema: Self.schema(properties)) == nil)
  }

  @Test(arguments: [
    (#""a":{"type":"string","x-mcp-header":""}"#, ""),
    (#""a":{"type":"string","x-mcp-header":"a b"}"#, ""),
    (#""a":{"type":"string","x-mcp-header":1}"#, ""),
    (#""a":{"type":"number","x-mcp-header":"A"}"#, ""), (#""a":{"x-mcp-header":"A"}"#, ""),
    (#""a":{"type":["string"],"x-mcp-header":"A"}"#, ""),
    (#""a":{"type":"string","x-mcp-header":"A"},"b":{"type":"string","x-mcp-header":"a"}"#, ""),
    (#""a":{"type":"array","items":{"type":"string","x-mcp-header":"A"}}"#, ""),
    (#""a":{"anyOf":[{"type":"string","x-mcp-header":"A"}]}"#, ""),
    ("", #","$defs":{"d":{"type":"string","x-mcp-header":"A"}}"#),
    ("", #","x-mcp-header":"A""#),
  ])
  func badAnnotationsAreFlaws(properties: String, more: String) throws {
    let schema = try Self.schema(properties, more)
    #expect(throws: MirroredParameters.Flaw.self) { try MirroredParameters(schema: schema) }
  }

  private static func headers(
    _ method: [String], _ name: [String], version: [String] = ["2026-07-28"]
  ) -> MirroredHeaders {
    MirroredHeaders(versions: version, methods: method, names: name)
  }

  @Test(arguments: [
    (headers(["tools/call"], ["echo"]), nil),
    (headers(["tools/call"], ["=?base64?ZWNobw==?="]), nil),
    (headers(["tools/call"], []), -32020), (headers(["tools/call"], ["Echo"]), -32020),
    (headers(["tools/call"], ["echo", "echo"]), -32020),
    (headers([], ["echo"]), -32020), (headers(["Tools/Call"], ["echo"]), -32020),
    (headers(["tools/call", "tools/call"], ["echo"]), -32020),
    (headers(["tools/call"], ["=?base64?ZWNobx==?="]), -32020),
    (headers(["tools/call"], ["echo"], version: []), -32020),
    (headers(["tools/call"], ["echo"], version: ["2025-11-25"]), -32020),
    (headers(["tools/call"], ["echo"], version: ["2026-07-28", "2026-07-28"]), -32020),
  ])
  func headersAndBodyMustAgree(headers: MirroredHeaders, code: Int?) {
    let result = Result {
      try Stateless.request("tools/call", #""name":"echo","#, headers: headers)
    }
    switch result {
    case .success: #expect(code == nil)
    case .failure(let error): #expect((error as? RPCError)?.code == code)
    }
  }

  @Test(arguments: [
    (["a": ["x"], "n": ["42"], "b": ["true"]], true),
    (["a": ["=?base64?eA==?="], "n": ["42.0"], "b": ["true"]], true),
    (["a": ["x"], "n": ["042"], "b": ["true"], "other": ["y"]], true),
    (["a": ["y"], "n": ["42"], "b": ["true"]], false),
    (["n": ["42"], "b": ["true"]], false), (["a": ["x"], "n": ["4.2e1"], "b": ["true"]], false),
    (["a": ["x"], "n": ["-42"], "b": ["true"]], false),
    (["a": ["x"], "n": ["42"], "b": ["True"]], false),
    (["a": ["x", "x"], "n": ["42"], "b": ["true"]], false),
    (["a": ["x"], "n": ["42"], "b": ["true"], "absent": ["z"]], false),
    (["a": ["=?base64?e?="], "n": ["42"], "b": ["true"]], false),
  ])
  func headersOfArgumentsMustAgree(given: [String: [String]], agrees: Bool) throws {
    let mirrored = try #require(
      try MirroredParameters(
        schema: Self.schema(
          #""a":{"type":"string","x-mcp-header":"A"},"n":{"type":"integer","x-mcp-header":"N"},"#
            + #""b":{"type":"boolean","x-mcp-header":"B"},"#
            + #""z":{"type":"string","x-mcp-header":"Absent"}"#)))
    let arguments = try JSONText(validating: #"{"a":"x","n":42,"b":true,"z":null}"#)
    var headers = MirroredHeaders()
    headers.parameters = given
    let result = Result { try headers.check(mirrored, arguments) }
    switch result {
    case .success: #expect(agrees)
    case .failure(let error):
      #expect(!agrees)
      #expect((error as? RPCError)?.code == -32020)
    }
  }
}
