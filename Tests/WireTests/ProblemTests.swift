import Testing

@testable import Wire

struct ProblemTests {
  @Test func aProblemIsOneLineThatEditorsUnderstand() {
    #expect(
      Problem(source: "catalog.yaml", line: 3, column: 7, "unknown key", hint: "did you mean x?")
        .description == "catalog.yaml:3:7: error: unknown key (did you mean x?)")
    #expect(
      Problem(.warning, source: "--memory", "too small").description
        == "--memory: warning: too small")
    #expect(
      Problem(source: "a.yaml", line: 1, "key \"\u{1B}[2J\n\u{202E}\"").description
        == #"a.yaml:1: error: key "\u{1B}[2J\n\u{202E}""#)
  }

  @Test func problemsAreReadFromTopToBottom() {
    let problems = [
      Problem(source: "b", line: 1, "3"), Problem(source: "a", line: 10, "2"),
      Problem(.warning, source: "a", line: 2, column: 5, "1"), Problem(source: "a", line: 2, "0"),
    ]
    #expect(problems.inReadingOrder.map(\.message) == ["0", "1", "2", "3"])
    #expect(problems.hasErrors)
    #expect(!problems.filter { $0.severity == .warning }.hasErrors)
    #expect(![Problem]().hasErrors)
  }
}
