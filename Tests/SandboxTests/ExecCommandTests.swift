import Interceptors
import Testing
import Wire

@testable import Sandbox

private let variables = ["PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/root"]

private func command(_ line: String, _ words: [String]? = nil) throws -> ExecCommand {
  let hook = Hook(name: "h", spec: HookSpec(.before, .exec, line), command: words)
  return try ExecCommand(
    hook, ProgramPlaces(variables: variables, granted: [], workingFolder: "/etc"))
}

@Test(arguments: [
  ("cat", ["/usr/bin/cat"]), ("cat  -n", ["/usr/bin/cat", "-n"]),
  ("/bin/cat x.y", ["/bin/cat", "x.y"]),
])
func aLineWithoutAShellsWordsNeedsNoShell(_ line: String, _ words: [String]) throws {
  #expect(try command(line).words == words)
}

@Test(arguments: [
  "cat | cat", "exit 1", "X=1 cat", "cat '$HOME'", "cat *", "~/hook", "nothing-of-this-name",
  "cat\ncat", "cat 2>&1",
])
func everyOtherLineIsAShells(_ line: String) throws {
  #expect(try command(line).words == ["/bin/sh", "-c", line])
}

@Test func filesNamedInALineMayBeReadAndOthersNot() throws {
  let files = try command("jq -f '/etc/hosts' ./passwd | grep x >/etc/nothing; cat group").files
  #expect(files.contains("/etc/hosts"))
  #expect(files.contains("/etc/./passwd"))
  #expect(files.contains("/usr/bin/jq"))
  #expect(!files.contains { $0.hasSuffix("group") || $0.hasSuffix("nothing") })
}

@Test func aCommandOfAPolicyIsTakenAsItIs() throws {
  #expect(try command("ignored", ["cat", "a b; c"]).words == ["/usr/bin/cat", "a b; c"])
}

@Test(arguments: [[], [""], ["no-such-program"], ["/etc/passwd"], ["/usr"]])
func aCommandWithoutAProgramIsRefused(_ words: [String]) {
  let problem = #expect(throws: Problem.self) { try command("x", words) }
  #expect(problem?.message.contains("there is no program") == true)
}

@Test(arguments: [
  ("/root/shims:/usr/bin:/bin", [], ["/usr/bin", "/bin"]),
  ("/root/shims:/usr/bin", ["/root"], ["/root/shims", "/usr/bin"]),
  (
    "/usr-evil:/usrlocal", [],
    ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]
  ),
  ("bin:.:/usr/bin", ["/"], ["/usr/bin"]),
])
func programsAreFoundWhereTheSandboxLetsThemRun(
  _ path: String, _ granted: [String], _ folders: [String]
) {
  #expect(
    ProgramPlaces(variables: ["PATH": path], granted: granted, workingFolder: "/").searchPath
      == folders)
}

@Test func hooksGetLittleOfTheEnvironment() {
  let gateway = [
    "PATH": "/p", "HOME": "/h", "LANG": "C.UTF-8", "MCP_GATEWAY_AUTH_TOKEN": "secret",
    "AWS_SECRET_ACCESS_KEY": "secret", "LD_PRELOAD": "/evil.so", "PYTHONPATH": "/evil",
  ]
  #expect(
    HookEnvironment.variables(
      of: gateway, searchPath: ["/p"], granted: ["X": "1", "LANG": "C"])
      == ["PATH": "/p", "HOME": "/h", "LANG": "C", "X": "1"])
}
