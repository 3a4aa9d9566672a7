import Testing
import Wire

@testable import Policy

/// Several files are one policy.
struct PolicySetTests {
  private func file(_ source: String, _ names: [String]) -> PolicyFile {
    let hooks = names.map { "  - {name: \($0), when: before, exec: x}" }
    let text = (["version: 1", "hooks:"] + hooks).joined(separator: "\n")
    return PolicyFile.decode(Array(text.utf8), source: source).file
  }

  @Test func hooksKeepTheOrderOfTheFiles() {
    let (set, problems) = PolicySet.composed([file("a", ["z", "y"]), file("b", ["x"])])
    #expect(set.hooks.map(\.name) == ["z", "y", "x"])
    #expect(problems == [])
  }

  @Test func noFileReplacesAHookOfAnother() {
    let (_, problems) = PolicySet.composed([file("a", ["x"]), file("b", ["y", "x"])])
    #expect(
      problems.map(\.description)
        == ["b:4:5: error: another hook is called x (the first is in a, line 3)"])
  }

  @Test func thereIsALimitToHooks() {
    let (_, problems) = PolicySet.composed([file("a", (0...256).map { "h\($0)" })])
    #expect(problems.map(\.message) == ["there are more than 256 hooks"])
  }
}

struct ShellWordsTests {
  @Test(arguments: [
    ("a b", ["a", "b"]), ("  a\t b\n", ["a", "b"]), ("", []), ("a'b c'd", ["ab cd"]),
    (#""a b" 'c"d'"#, ["a b", "c\"d"]), (#"a\ b"#, ["a b"]), (#""\$x \" \\ \n""#, [#"$x " \ \n"#]),
    (#"'\n'"#, [#"\n"#]), ("'' x", ["", "x"]), ("$HOME *", ["$HOME", "*"]),
  ])
  func aLineIsSplitAsAShellWould(line: String, words: [String]) {
    #expect(ShellWords.split(line) == words)
  }

  @Test(arguments: ["'a", "\"a", "a\\", "\"a\\"])
  func whatHasNoEndIsNoLine(line: String) { #expect(ShellWords.split(line) == nil) }
}
