import Testing

@testable import Wire

struct CallTests {
  private func call(_ params: String) throws -> Call {
    Call(
      id: "1", caller: Caller(identity: "local", session: "s", clientName: "c"), server: "git",
      method: .callTool, target: "log", params: try JSONText(validating: params))
  }

  @Test func argumentsAreWhatTheServerWillGet() throws {
    #expect(
      try call(#"{"name":"log","arguments":{"n":1.50}}"#).arguments.description == #"{"n":1.50}"#)
    #expect(try call(#"{"name":"log"}"#).arguments == .emptyObject)
  }

  @Test(arguments: [
    (#"{"isError":true}"#, true), (#"{"isError":false}"#, false), ("{}", false),
    (#"{"isError":"true"}"#, false), (#"{"content":[{"isError":true}]}"#, false),
    (#"{"content":["\"isError\":true"],"is\u0045rror":true}"#, true),
  ])
  func onlyTheToolItselfSaysThatItFailed(_ result: String, _ isError: Bool) throws {
    #expect(CallResult(try JSONText(validating: result)).isError == isError)
  }
}
