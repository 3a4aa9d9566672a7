import Policy
import Testing
import Wire

@testable import Interceptors

@Test(arguments: [
  ("before:exec:jq .", HookSpec(.before, .exec, "jq .")),
  ("AFTER:HTTP:http://h:1/p,q", HookSpec(.after, .http, "http://h:1/p,q")),
  ("Before:Docker:a/b:1 --x y", HookSpec(.before, .docker, "a/b:1 --x y")),
  ("before:exec:echo a:b:c", HookSpec(.before, .exec, "echo a:b:c")),
  ("after:exec: cat ", HookSpec(.after, .exec, " cat ")),
])
func aHookIsSplitAtTheFirstTwoColons(_ text: String, _ spec: HookSpec) throws {
  #expect(try HookSpec(parsing: text) == spec)
}

@Test(arguments: [
  ("", "is not of the form when:type:argument"),
  ("before:exec", "is not of the form when:type:argument"),
  ("around:exec:x", "\"around\" is neither before nor after"),
  (" before:exec:x", "\" before\" is neither before nor after"),
  ("before:wasm:x", "\"wasm\" is none of exec, http and docker"),
  ("before:exec:", "says nothing to run"),
  ("before:http: ", "says nothing to ask"),
  ("after:docker:\t", "says nothing to start"),
  ("before:exec:a\0b", "holds a NUL character"),
])
func whatIsNoHookIsSaid(_ text: String, _ message: String) {
  let flaw = #expect(throws: HookSpec.Flaw.self) { try HookSpec(parsing: text) }
  #expect(flaw?.message == message)
  #expect(flaw?.hint.contains("before:exec:COMMAND") == true)
}

@Test func theNameOfAHookOfTheCommandLineSaysNothingOfItsArgument() throws {
  let hook = Hook(flag: try HookSpec(parsing: "after:http:https://u:password@h/"), number: 3)
  #expect(hook.name == "after:http#3")
  #expect(hook.onError == .deny)
  #expect(hook.timeout == .seconds(10))
}

@Test(arguments: [
  ("*", "anything", true), ("*", "", true), ("a", "a", true), ("a", "b", false), ("a", "ab", false),
  ("get_*", "get_x", true), ("get_*", "set_x", false), ("*_file", "read_file", true),
  ("a*b*c", "a1b2b3c", true), ("a*b*c", "a1c2b", false), ("", "", true), ("", "a", false),
  ("**", "x", true), ("A", "a", false),
])
func aNamePatternMatches(_ pattern: String, _ name: String, _ matches: Bool) {
  #expect(NamePattern(pattern).matches(name) == matches)
}

@Test func aNamePatternOfManyStarsStaysQuick() {
  let pattern = NamePattern(String(repeating: "a*", count: 2_000) + "b")
  let start = ContinuousClock.now
  #expect(!pattern.matches(String(repeating: "a", count: 20_000)))
  #expect(ContinuousClock.now - start < .seconds(20))
}
