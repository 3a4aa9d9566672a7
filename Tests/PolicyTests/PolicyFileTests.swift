import Testing
import Wire

@testable import Policy

/// What a policy file says is read as it stands, and nothing is guessed.
struct PolicyFileTests {
  private static let whole = """
    version: 1
    hooks:
      - name: no-deletes
        when: before
        exec: [python3, /etc/mcp/no_deletes.py]
        persistent: true
        match:
          servers: [github, "git*"]
          tools: "delete_*"
        timeout: 500ms
        on-error: allow
        grants:
          read: [/etc/mcp]
          write: [/var/lib/hook]
          network: true
          environment: [LANG, DENY_LIST]
          secret-values: true
      - name: line
        when: after
        exec: jq -e .content
      - name: scrub
        when: after
        http:
          url: https://dlp.example.com/scrub
          ca-file: /etc/mcp/ca.pem
          hmac-key: {file: /etc/mcp/key}
          headers:
            Authorization: {environment: DLP_TOKEN}
        match: {methods: [resources/read, prompts/get]}
      - name: local
        when: before
        http: unix:///run/hook.sock
      - name: image
        when: before
        docker: "site/checker:1 --strict 'two words'"
      - name: warm
        when: after
        docker: {image: site/checker:1, arguments: [--strict], warm: true}
        grants: {network: true}
    """

  private static func read(_ text: String) -> (file: PolicyFile, problems: [Problem]) {
    PolicyFile.decode(Array(text.utf8), source: "p.yaml")
  }

  @Test func everyKeyOfAHookIsRead() throws {
    let (file, problems) = Self.read(Self.whole)
    #expect(problems == [])
    try #require(file.hooks.count == 6)
    let first = file.hooks[0]
    #expect(first.name == "no-deletes")
    #expect(first.place == PolicyPlace(source: "p.yaml", line: 3, column: 5))
    #expect(first.when == .before)
    #expect(
      first.kind
        == .exec(
          ExecHook(
            command: .program(["python3", "/etc/mcp/no_deletes.py"]), isPersistent: true)))
    #expect(first.binding.servers == [NamePattern("github"), NamePattern("git*")])
    #expect(first.binding.targets == [NamePattern("delete_*")])
    #expect(first.binding.methods == [.callTool, .taskResult])
    #expect(first.timeout == .milliseconds(500))
    #expect(first.onError == .allow)
    #expect(first.grants.readPaths == ["/etc/mcp"])
    #expect(first.grants.writePaths == ["/var/lib/hook"])
    #expect(first.grants.network)
    #expect(first.grants.environment == ["LANG", "DENY_LIST"])
    #expect(first.grants.secretValues)
  }

  @Test func whatIsNotWrittenIsTheSafeDefault() throws {
    let hook = try #require(Self.read(Self.whole).file.hooks.dropFirst().first)
    #expect(hook.kind == .exec(ExecHook(command: .shell("jq -e .content"), isPersistent: false)))
    #expect(hook.binding == HookBinding())
    #expect(hook.timeout == .seconds(10))
    #expect(hook.onError == .deny)
    #expect(hook.grants == HookRule.Grants())
  }

  @Test func shortAndLongFormsMeanTheSame() throws {
    let hooks = Self.read(Self.whole).file.hooks
    try #require(hooks.count == 6)
    #expect(
      hooks[2].kind
        == .http(
          HTTPHook(
            url: "https://dlp.example.com/scrub", caFile: "/etc/mcp/ca.pem",
            hmacKey: .file("/etc/mcp/key"),
            headers: [.init(name: "Authorization", value: .environment("DLP_TOKEN"))])))
    #expect(hooks[2].binding.methods == [.readResource, .getPrompt])
    #expect(hooks[3].kind == .http(HTTPHook(url: "unix:///run/hook.sock", headers: [])))
    #expect(
      hooks[4].kind
        == .docker(
          DockerHook(
            image: "site/checker:1", arguments: ["--strict", "two words"], isWarm: false)))
    #expect(
      hooks[5].kind
        == .docker(DockerHook(image: "site/checker:1", arguments: ["--strict"], isWarm: true)))
  }

  /// A file with one hook and these lines in it.
  private static func hook(_ lines: String...) -> String {
    (["version: 1", "hooks:", "  - name: h"] + lines.map { "    " + $0 }).joined(separator: "\n")
  }

  /// What an operator can get wrong, and what he is told.
  private static let malformed: [(text: String, said: String)] = [
    ("", "1: error: the file is empty (a policy file begins with version: 1)"),
    ("# nothing\n", "1: error: the file is empty (a policy file begins with version: 1)"),
    ("hooks: []", "1:1: error: version is missing (a policy file begins with version: 1)"),
    ("version: 2", "1:10: error: version 2 of policy files is not known; this gateway reads 1"),
    ("version: \"1\"", "1:10: error: version must be a whole number, not quoted text"),
    ("- version: 1", "1:1: error: a policy file must be a mapping, not a list"),
    ("version: 1\nhook: []", "2:1: error: unknown key `hook` (did you mean `hooks`?)"),
    (
      "version: 1\nrules: []",
      "2:8: error: the section `rules` is not in this version of the gateway "
        + "(take it out; a policy that is not enforced must not look as if it were)"
    ),
    (
      "version: 1\nrules:",
      "2:1: error: `rules` has no value (give it one, or take the key out)"
    ),
    (
      "version: 1\nhooks: ~",
      "2:1: error: `hooks` has no value (give it one, or take the key out)"
    ),
    (
      hook("when: before", "http: {url: 'http://127.0.0.1/', hmac-key: }"),
      "5:38: error: `hmac-key` has no value (give it one, or take the key out)"
    ),
    ("version: 1\nhooks: {}", "2:8: error: hooks must be a list, not a mapping"),
    ("version: 1\nhooks:\n  - exec", "3:5: error: a hook must be a mapping, not text"),
    (
      "version: 1\nversion: 1",
      "2:1: error: the key `version` stands here a second time "
        + "(the first is in line 1)"
    ),
    ("version: &v 1", "1:10: error: anchors (&name) are not accepted (remove it)"),
    (
      "version: 1\nhooks:\n  - &h {name: h}\n  - *h",
      "3:5: error: anchors (&name) are not accepted (remove it)"
    ),
    ("version: 1\nhooks:\n  - when: before\n    exec: x", "3:5: error: name is missing"),
    (hook("exec: x"), "3:5: error: when is missing (write before or after for it)"),
    (
      hook("when: befor", "exec: x"),
      "4:11: error: when must be before or after, not `befor` (did you mean `before`?)"
    ),
    (hook("when: [before]", "exec: x"), "4:11: error: when must be text, not a list"),
    (
      hook("when: before"),
      "3:5: error: nothing says what this hook runs (add exec, http or docker)"
    ),
    (
      hook("when: before", "exec: x", "docker: y"),
      "6:13: error: this hook has exec already, so it cannot have docker (make two hooks of it)"
    ),
    (hook("when: before", "exec: ''"), "5:11: error: exec is empty"),
    (hook("when: before", "exec: []"), "5:11: error: exec is empty"),
    (
      hook("when: before", "exec: {run: x}"),
      "5:11: error: exec must be a shell line or a list of a program and its arguments"
    ),
    (hook("when: before", "exec: x", "timeout: 10"), ""),
    (
      hook("when: before", "exec: x", "timeout: soon"),
      "6:14: error: `soon` is no time for a hook (write a time from 10ms to 10m, such as 2s)"
    ),
    (
      hook("when: before", "exec: x", "timeout: 11m"),
      "6:14: error: `11m` is no time for a hook (write a time from 10ms to 10m, such as 2s)"
    ),
    (
      hook("when: before", "exec: x", "on-error: ignore"),
      "6:15: error: on-error must be deny or allow, not `ignore`"
    ),
    (
      hook("when: before", "exec: x", "on_error: allow"),
      "6:5: error: unknown key `on_error` (did you mean `on-error`?)"
    ),
    (
      hook("when: before", "exec: x", "persistent: yes"),
      "6:17: error: persistent must be true or false, not text"
    ),
    (
      hook("when: before", "http: https://h/", "persistent: true"),
      "6:17: error: only exec hooks can be persistent (connections are kept anyway)"
    ),
    (
      hook("when: before", "docker: i", "persistent: true"),
      "6:17: error: only exec hooks can be persistent (docker has warm: true)"
    ),
    (
      hook("when: before", "http: ftp://h/"),
      "5:11: error: a hook's URL must begin with https://, http://, unix://, http+unix://"
    ),
    (hook("when: before", "http: {ca-file: /x}"), "5:11: error: url is missing"),
    (
      hook("when: before", "http: {url: 'https://h/', ca-file: x.pem}"),
      "5:40: error: `x.pem` is not an absolute path (write it from / on, without ..)"
    ),
    (
      hook("when: before", "http: {url: 'https://h/', hmac-key: s3cr3t}"),
      "5:41: error: hmac-key is never written into a policy file "
        + "(write {environment: NAME} or {file: /path})"
    ),
    (
      hook("when: before", "http: {url: 'https://h/', hmac-key: {}}"),
      "5:41: error: hmac-key needs one of environment and file"
    ),
    (
      hook("when: before", "http: {url: 'https://h/', headers: {X-A: s3cr3t}}"),
      "5:46: error: the value of a header is never written into a policy file "
        + "(write {environment: NAME} or {file: /path})"
    ),
    (
      hook("when: before", "http: {url: 'https://h/', headers: {Host: {environment: H}}}"),
      "5:41: error: `Host` is a header that the gateway writes itself"
    ),
    (
      hook("when: before", "http: {url: 'https://h/', headers: {'a b': {environment: H}}}"),
      "5:41: error: `a b` is no name of a header"
    ),
    (
      hook("when: before", "http: {url: 'https://h/', headers: {X: {environment: 1X}}}"),
      "5:58: error: `1X` is no name of an environment variable"
    ),
    (
      hook("when: before", "http: {url: 'https://h/', hmac-key: {enviroment: K}}"),
      "5:42: error: unknown key `enviroment` (did you mean `environment`?)"
    ),
    (
      hook("when: before", "docker: \"i 'x\""),
      "5:13: error: a quote or backslash in this line has no end"
    ),
    (hook("when: before", "docker: {arguments: [x]}"), "5:13: error: image is missing"),
    (
      hook("when: before", "docker: {image: i, network: true}"),
      "5:24: error: unknown key `network`"
    ),
    (
      hook("when: before", "docker: i", "grants: {read: [/x]}"),
      "6:20: error: read cannot be granted to docker hooks (take it out)"
    ),
    (
      hook("when: before", "http: https://h/", "grants: {network: true}"),
      "6:23: error: network cannot be granted to http hooks (take it out)"
    ),
    (
      hook("when: before", "exec: x", "grants: {read: [etc]}"),
      "6:21: error: `etc` is not an absolute path (write it from / on, without ..)"
    ),
    (
      hook("when: before", "exec: x", "grants: {read: [/a/../b]}"),
      "6:21: error: `/a/../b` is not an absolute path (write it from / on, without ..)"
    ),
    (
      hook("when: before", "exec: x", "grants: {secret_values: true}"),
      "6:14: error: unknown key `secret_values` (did you mean `secret-values`?)"
    ),
    (
      hook("when: before", "exec: x", "match: {servers: []}"),
      "6:22: error: servers is empty, so this hook would never run (leave it out to mean all)"
    ),
    (
      hook("when: before", "exec: x", "match: {tools: ['']}"),
      "6:21: error: an entry of tools is empty"
    ),
    (
      hook("when: before", "exec: x", "match: {methods: tool/call}"),
      "6:22: error: `tool/call` is no method that reaches a server (did you mean `tools/call`?)"
    ),
    (
      hook("when: before", "exec: x", "match: {tools: [x], methods: [prompts/get]}"),
      "6:20: error: tools says nothing of prompts/get, which is among the methods "
        + "(make a hook of its own for the methods that are not about tools)"
    ),
    (
      hook("when: before", "exec: x", "match: {server: x}"),
      "6:13: error: unknown key `server` (did you mean `servers`?)"
    ),
  ]

  @Test(arguments: malformed)
  func aMistakeIsToldWithItsPlaceAndItsRemedy(text: String, said: String) {
    let problems = Self.read(text).problems.map { String($0.description.dropFirst(7)) }
    #expect(problems == (said.isEmpty ? [] : [said]))
  }

  @Test func aNameThatCannotStandInARecordIsRefused() {
    for name in ["two words", "päckchen", String(repeating: "x", count: 65), "a/b", "x\\u001b"] {
      let text = "version: 1\nhooks:\n  - name: \"\(name)\"\n    when: before\n    exec: x"
      let (file, problems) = Self.read(text)
      #expect(file.hooks == [])
      #expect(problems.first?.message.contains("is no name for a hook") == true, "\(name)")
    }
  }

  /// All mistakes of a file are told at once, from top to bottom.
  @Test func severalMistakesAreToldTogether() {
    let (_, problems) = Self.read(
      "version: 1\nhooks:\n  - name: a\n    when: x\n    exec: y\n  - name: b\n    exec: z\nrool: 1"
    )
    #expect(problems.map(\.line) == [4, 6, 8])
  }

  @Test func theValueOfASecretIsNeverRepeated() {
    let (_, problems) = Self.read(
      Self.hook(
        "when: before", "http: {url: 'https://h/', hmac-key: hunter2, headers: {A: hunter2}}"))
    #expect(problems.count == 2)
    #expect(!problems.contains { $0.description.contains("hunter2") })
  }

  @Test func aFileIsReadUpToItsLimits() {
    let long = "version: 1\n" + String(repeating: "#", count: 1 << 20)
    #expect(Self.read(long).problems.first?.message.contains("bytes; at most") == true)
    let deep = "version: 1\nhooks: " + String(repeating: "[", count: 100)
    #expect(Self.read(deep).problems.first?.message.contains("deeper than") == true)
  }
}
