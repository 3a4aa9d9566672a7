import Policy
import Testing
import Wire

private let rules = RuleSet(servers: ["time", "git"]) { server, tool in
  server == "time" || tool == "log"
}

private func call(
  _ server: String, _ target: String, _ method: Call.Method = .callTool
) -> Call {
  Call(
    id: "1", caller: Caller(identity: "local", session: "s", clientName: "c"), server: server,
    method: method, target: target, params: .emptyObject)
}

@Test(arguments: [("time", "now"), ("git", "log")])
func anEnabledToolIsPermitted(server: String, tool: String) throws {
  let permit = try rules.permit(call(server, tool))
  #expect(permit.call == call(server, tool))
  #expect(permit.rule == "tools")
}

@Test func aToolThatTheFilterLeavesOutIsRefused() {
  let refusal = #expect(throws: Refusal.self) { try rules.permit(call("git", "push")) }
  #expect(refusal?.code == .toolDisabled)
}

@Test(arguments: Call.Method.allCases)
func aServerThatIsNotEnabledIsRefusedWhateverIsAsked(method: Call.Method) {
  let refusal = #expect(throws: Refusal.self) { try rules.permit(call("other", "x", method)) }
  #expect(refusal?.code == .policyDenied)
}

@Test func theToolFilterDoesNotSpeakOfPromptsAndResources() throws {
  _ = try rules.permit(call("git", "push", .getPrompt))
  _ = try rules.permit(call("git", "file:///x", .readResource))
}

@Test func whatIsListedIsWhatCanBeCalled() {
  #expect(rules.lists(server: "git", tool: "log"))
  #expect(!rules.lists(server: "git", tool: "push"))
  #expect(!rules.lists(server: "other", tool: "log"))
}
