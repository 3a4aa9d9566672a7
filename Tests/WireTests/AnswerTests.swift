import Testing

@testable import Wire

struct AnswerTests {
  private let refusal = Refusal(
    .policyDenied, rule: "only-tmp", path: "arguments.path", message: "not outside of /tmp")
  private let fault = Fault(.timeout, from: .server, "git did not answer", isRetryable: true)

  @Test func aRefusedToolCallIsAResultThatModelsAndProgramsCanRead() {
    #expect(
      refusal.toolResult.text.description == """
        {"content":[{"type":"text","text":"The gateway refused this: not outside of /tmp \
        (policy_denied, rule only-tmp, at arguments.path)"}],"isError":true,\
        "_meta":{"mcp-gateway/refusal":{"code":"policy_denied","rule":"only-tmp",\
        "path":"arguments.path"}}}
        """)
    #expect(refusal.toolResult.isError)
  }

  @Test func otherMethodsGetAnErrorWithTheSameObject() {
    let error = Refusal(.toolDisabled, message: "off").rpcError
    #expect(error.code == -31001)
    #expect(error.message == "The gateway refused this: off (tool_disabled)")
    #expect(error.data?.description == #"{"mcp-gateway/refusal":{"code":"tool_disabled"}}"#)
  }

  @Test func aFaultSaysWhetherTryingAgainMakesSense() {
    #expect(
      fault.toolResult.text.description == """
        {"content":[{"type":"text","text":"git did not answer (timeout; the same call may succeed \
        later)"}],"isError":true,"_meta":{"mcp-gateway/fault":{"kind":"timeout",\
        "source":"server","retryable":true}}}
        """)
    #expect(fault.rpcError.code == -32603)
    #expect(
      fault.rpcError.data?.description
        == #"{"mcp-gateway/fault":{"kind":"timeout","source":"server","retryable":true}}"#)
  }

  @Test(arguments: Refusal.Code.allCases)
  func everyAnswerIsStrictJSON(_ code: Refusal.Code) throws {
    let nasty = "\"\\\n\u{0}\u{1F}\u{202E}\u{1B}[0m"
    let refusal = Refusal(code, rule: nasty, path: nasty, message: nasty)
    for text in [refusal.toolResult.text, refusal.rpcError.text] {
      #expect(try JSONText(validating: Array(text.bytes)) == text)
    }
  }

  @Test(arguments: Fault.Kind.allCases)
  func everyFaultIsAnsweredWithItsKind(_ kind: Fault.Kind) throws {
    for source in Fault.Source.allCases {
      let answer = Fault(kind, from: source, "broken \u{0}").toolResult.text
      #expect(try JSONText(validating: Array(answer.bytes)) == answer)
      let details = answer["_meta"]?["mcp-gateway/fault"]
      #expect(details?["kind"]?.string == kind.rawValue)
      #expect(details?["source"]?.string == source.rawValue)
      #expect(details?["retryable"]?.bool == false)
    }
  }
}
