import Foundation
import Testing

/// Hooks of policy files, as images on the real engine and as services: each of them can fail in many
/// ways, and each failure is a denial that concerns nobody else.
@Suite struct PolicyHookTests {
  private static let busybox = "mcp-gateway-demo/busybox:1"

  /// A hook that is an image, and what the client is told of its failure.
  struct Row: Sendable {
    let docker: String
    let told: String

    /// A line for the container's shell.
    static func shell(_ line: String, _ told: String) -> Row {
      Row(docker: "\(busybox) sh -c '\(line)'", told: told)
    }
  }

  static let rows: [Row] = [
    .shell("cat >/dev/null; exit 1", "ended with exit status 1"),
    .shell("exit 77", "ended with exit status 77"),
    .shell("kill -9 $$", "was ended by signal 9"),
    .shell("kill -SEGV $$", "was ended by signal 11"),
    .shell("sleep 600", "did not answer in time"),
    .shell("trap : TERM INT HUP; while :; do sleep 1; done", "did not answer in time"),
    .shell("exec <&-; sleep 600", "did not answer in time"),
    .shell("exec >&-; sleep 600", "did not answer in time"),
    .shell("echo {}; sleep 600", "did not answer in time"),
    .shell("sleep 600 & sleep 600 & exit 3", "ended with exit status 3"),
    .shell("while :; do echo noise >&2; done", "did not answer in time"),
    .shell("echo garbage", "gave no usable answer"),
    .shell("printf {", "gave no usable answer"),
    .shell("echo []", "gave no usable answer"),
    .shell("cat /bin/busybox", "gave no usable answer"),
    .shell("yes", "answered with more than 4194304 bytes"),
    .shell("nc -w 2 1.1.1.1 80 || exit 9", "ended with exit status 9"),
    Row(docker: "\(busybox) /no/such/program", told: "ended with exit status 127"),
    Row(docker: "mcp-gateway-test/there-is-none:1", told: "has no image"),
  ]

  @Test func everyFailureOfAnImageIsADenialAndConcernsNobodyElse() async throws {
    try await withSandbox { sandbox in
      let server = sandbox.name("plain")
      try sandbox.serve(.everything(server, "--plain", "\(Self.rows.count + 1)", longLived: true))
      let hooks = Self.rows.enumerated().map { index, row -> JSON in
        [
          "name": .string(sandbox.name("row\(index + 1)")), "when": "before",
          "docker": .string(row.docker), "match": ["tools": .string("tool\(index + 1)")],
          "timeout": "10s",
        ]
      }
      let file = try sandbox.write("policy.yaml", Self.policy(hooks))
      let session = try await sandbox.session("--policy", file)
      let free = "tool\(Self.rows.count + 1)"
      _ = try await session.waitForTools("all") { $0.contains(free) }
      let calls = try Self.rows.indices.map { index in
        try session.post("tools/call", ["name": .string("tool\(index + 1)"), "arguments": [:]])
      }
      #expect(try await session.call(free).resultText == "\(server) \(free)")
      for (index, row) in Self.rows.enumerated() {
        let answer = try await session.answer(to: calls[index], within: .seconds(60))
        let text = answer["result"].resultText
        #expect(answer["result"]["isError"] == true)
        #expect(text.contains("-"), "\(text)")
        #expect(text.contains(row.told), "\(row.docker): \(text)")
        #expect(
          answer["result"]["_meta"]["mcp-gateway/refusal"]["code"] == "interceptor_failed")
      }
      // A hook that fails once is asked again.
      let again = try await session.call("tool1")
      #expect(again.resultText.contains("exit status 1") == true)
    }
  }

  @Test func whatAnImageSaysIsDone() async throws {
    try await withSandbox { sandbox in
      let server = sandbox.name("everything")
      try sandbox.serve(.everything(server, longLived: true))
      let answer = #"{"content":[{"type":"text","text":"from the hook"}]}"#
      let hooks: [JSON] = [
        [
          "name": .string(sandbox.name("reads")), "when": "before",
          "docker": [
            "image": .string(Self.busybox),
            "arguments": [
              "sh", "-c", "grep -q stop-here && printf %s \"$1\" || true", "sh", .string(answer),
            ],
          ],
          "timeout": "60s",
        ],
        [
          "name": .string(sandbox.name("changes")), "when": "after",
          "docker": [
            "image": .string(Self.busybox), "warm": true,
            "arguments": ["sed", "s/original/changed/"],
          ], "timeout": "60s",
        ],
      ]
      let file = try sandbox.write("policy.yaml", Self.policy(hooks))
      let session = try await sandbox.session("--policy", file)
      _ = try await session.waitForTools("echo") { $0.contains("echo") }
      for _ in 0..<3 {
        let result = try await session.call("echo", ["text": "original"], within: .seconds(90))
        #expect(result.resultText == "changed")
      }
      let stopped = try await session.call("echo", ["text": "stop-here"], within: .seconds(90))
      #expect(stopped.resultText == "from the hook")
    }
  }

  @Test func aFailureMayBeAllowedByThePolicyAlone() async throws {
    try await withSandbox { sandbox in
      let server = sandbox.name("plain")
      try sandbox.serve(.everything(server, "--plain", "1", longLived: true))
      let hook: JSON = [
        "name": .string(sandbox.name("fails")), "when": "before", "on-error": "allow",
        "docker": .string("\(Self.busybox) false"), "timeout": "60s",
      ]
      let file = try sandbox.write("policy.yaml", Self.policy([hook]))
      let session = try await sandbox.session(
        "--policy", file, "--audit", sandbox.path("audit.jsonl"))
      _ = try await session.waitForTools("tool1") { $0 == ["tool1"] }
      #expect(try await session.call("tool1").resultText == "\(server) tool1")
      let record = try String(contentsOfFile: sandbox.path("audit.jsonl"), encoding: .utf8)
      #expect(record.contains("unjudged"), "\(record)")
    }
  }

  @Test func aChangedPolicyCountsAndABadOneDoesNot() async throws {
    try await withSandbox { sandbox in
      let server = sandbox.name("plain")
      try sandbox.serve(.everything(server, "--plain", "1", longLived: true))
      func hook(_ line: String) -> JSON {
        [
          "name": .string(sandbox.name("exec")), "when": "before", "exec": .string(line),
          "timeout": "60s",
        ]
      }
      let deny = #"echo '{"decision":"deny","reason":"not today"}'"#
      try sandbox.write("policies/a.yaml", Self.policy([]))
      let session = try await sandbox.session("--watch", "--policy", sandbox.path("policies"))
      _ = try await session.waitForTools("tool1") { $0 == ["tool1"] }
      #expect(try await session.call("tool1").resultText == "\(server) tool1")
      try sandbox.write("policies/b.yaml", Self.policy([hook(deny)]))
      try await eventually(within: .seconds(20), "the new file of the folder") {
        try await session.call("tool1").resultText.contains("not today") == true
      }
      try sandbox.write("policies/b.yaml", "version: 1\nhoks: []\n")
      try await eventually(within: .seconds(20), "the reason") {
        session.process.errors.contains("b.yaml:2:1: error: unknown key `hoks`")
      }
      #expect(try await session.call("tool1").resultText.contains("not today") == true)
      try FileManager.default.removeItem(atPath: sandbox.path("policies/b.yaml"))
      try await eventually(within: .seconds(20), "the end of the file") {
        try await session.call("tool1").resultText == "\(server) tool1"
      }
    }
  }

  @Test func nothingStartsWithAPolicyThatIsWrong() async throws {
    try await withSandbox { sandbox in
      try sandbox.serve()
      let wrong = try sandbox.write("wrong.yaml", "version: 1\nhooks:\n  - name: x\n")
      let open = try sandbox.write("open.yaml", "version: 1\n", mode: 0o666)
      let keyless = try sandbox.write(
        "keyless.yaml",
        Self.policy([
          [
            "name": "k", "when": "before",
            "http": ["url": "http://127.0.0.1:1/", "hmac-key": ["environment": "NOT_SET_HERE"]],
          ]
        ]))
      for (file, said) in [
        (wrong, "wrong.yaml:3:5: error: when is missing"),
        (open, "can be written by others"), (keyless, "NOT_SET_HERE, which is not set"),
        (sandbox.path("none.yaml"), "there is no such policy file"),
      ] {
        let run = try await sandbox.run("gateway", "run", "--policy", file)
        #expect(run.exit == .status(2))
        #expect(run.errors.contains(said), "\(run.errors)")
      }
      let check = try await sandbox.run("policy", "check", wrong)
      #expect(check.exit == .status(2))
      #expect(check.errors.contains("nothing says what this hook runs"))
      let schema = try await sandbox.run("policy", "schema")
      #expect(schema.output.contains("json-schema.org"))
    }
  }

  private static func policy(_ hooks: [JSON]) -> String {
    "version: 1\nhooks: \(JSON.array(hooks).text)\n"
  }
}

/// The examples do what they say.
@Suite struct HookServiceExampleTests {
  private static let folder = Machine.project + "/examples/interceptors"

  @Test func theServiceDeniesAndCuts() async throws {
    try await withSandbox { sandbox in
      let server = sandbox.name("everything")
      try sandbox.serve(.everything(server, longLived: true))
      let key = ["HOOK_KEY": "0123456789abcdef0123456789abcdef"]
      let service = try sandbox.start(
        ["python3", Self.folder + "/http/service.py", "--port", "0"], environment: key)
      let url = try await eventually("the service") {
        service.output.split(separator: "\n").first.map(String.init)
      }
      let policy = try String(
        contentsOfFile: Self.folder + "/http/policy.yaml", encoding: .utf8
      ).replacingOccurrences(of: "http://127.0.0.1:9500", with: url)
      let file = try sandbox.write("policy.yaml", policy)
      let session = try await sandbox.session("--policy", file, environment: key)
      _ = try await session.waitForTools("echo") { $0.contains("echo") }
      #expect(try await session.call("echo", ["text": "hello"]).resultText == "hello")
      let denied = try await session.call("echo", ["text": "a/../../etc/passwd"])
      #expect(denied["isError"] == true)
      #expect(denied.resultText.contains(#"a path must not hold "..""#) == true)
      let long = try await session.call(
        "echo", ["text": .string(String(repeating: "x", count: 9_000))])
      #expect(long.resultText.count == 2_008)
      #expect(long.resultText.hasSuffix("… (cut)") == true)
      // Who does not have the key gets no answer, and such an answer is a denial.
      let stranger = try await sandbox.session(
        "--policy", file, environment: ["HOOK_KEY": "another-key-of-some-length"])
      _ = try await stranger.waitForTools("echo") { $0.contains("echo") }
      let refused = try await stranger.call("echo", ["text": "hello"])
      #expect(refused.resultText.contains("answered with HTTP status 401") == true)
    }
  }

  @Test func theImageMarksAddresses() async throws {
    try await withSandbox { sandbox in
      let server = sandbox.name("everything")
      try sandbox.serve(.everything(server, longLived: true))
      sandbox.watch("redact-emails")
      let session = try await sandbox.session("--policy", Self.folder + "/docker/policy.yaml")
      _ = try await session.waitForTools("echo") { $0.contains("echo") }
      #expect(try await session.call("echo", ["text": "hello"]).resultText == "hello")
      let marked = try await session.call("echo", ["text": "write to jane.doe@example.org"])
      #expect(marked.resultText == "(a text with an e-mail address)")
    }
  }
}
