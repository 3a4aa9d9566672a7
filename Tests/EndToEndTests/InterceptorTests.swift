import Foundation
import Testing

/// Hooks of the command line, on the real engine, as people write them for Docker's gateway.
@Suite struct InterceptorTests {
  private static let examples = Machine.project + "/examples/interceptors"

  /// Hooks, the text that the client sends, the text that it gets, and what the log shows.
  struct Row: Sendable, CustomTestStringConvertible {
    let hooks: [String]
    var text = "hello"
    let answer: String
    var logged: String?
    var testDescription: String { hooks.joined(separator: " ") }
  }

  static let rows: [Row] = [
    // The examples of the README that comes with Docker's gateway.
    Row(
      hooks: [#"before:exec:echo Query=$(jq -r ".params.arguments.text") >&2"#], answer: "hello",
      logged: "Query=hello"),
    Row(
      hooks: [#"before:exec:echo Arguments=$(jq -r ".params.arguments") >&2"#], answer: "hello",
      logged: #""text": "hello""#),
    Row(
      hooks: [#"after:exec:echo Response=$(jq -r ".") >&2"#], answer: "hello",
      logged: "Response="),
    Row(
      hooks: [#"after:exec:jq -c '.content[].text |= (.[:100])'"#],
      text: String(repeating: "x", count: 300), answer: String(repeating: "x", count: 100)),
    Row(
      hooks: ["before:docker:mcp-gateway-demo/busybox:1 sh -c 'echo BEFORE >&2'"], answer: "hello",
      logged: "BEFORE"),
    Row(
      hooks: ["after:docker:mcp-gateway-demo/busybox:1 sh -c 'echo AFTER >&2'"], answer: "hello",
      logged: "AFTER"),
    // An answer in the tool's place, and what hooks around and inside see of it.
    Row(
      hooks: [#"before:exec:echo '{"content":[{"type":"text","text":"no"}]}'"#], answer: "no"),
    Row(
      hooks: [
        #"after:exec:jq -c '.content[].text |= "outer " + .'"#,
        #"BEFORE:EXEC:echo '{"content":[{"type":"text","text":"no"}]}'"#,
        #"after:exec:jq -c '.content[].text |= "inner " + .'"#,
      ], answer: "outer no"),
    Row(
      hooks: [
        #"after:exec:jq -c '.content[].text |= . + " outer"'"#,
        #"after:exec:jq -c '.content[].text |= . + " inner"'"#,
      ], answer: "hello inner outer"),
    // Decisions, which Docker's gateway does not know.
    Row(
      hooks: [
        #"before:exec:jq -c '{decision: "modify", arguments: (.params.arguments | .text += " you")}'"#
      ], answer: "hello you"),
    Row(
      hooks: [#"after:exec:echo '{"decision":"redact","paths":["content[*].text"]}'"#],
      answer: "[redacted]"),
    Row(
      hooks: [#"before:exec:echo '{"decision":"deny","reason":"not today"}'"#],
      answer: "The gateway refused this: hook before:exec#1 denied the call: not today "
        + "(policy_denied, rule before:exec#1)"),
    // What is in examples/.
    Row(hooks: ["before:exec:\(examples)/exec/protect.sh"], answer: "hello"),
    Row(
      hooks: ["after:exec:\(examples)/exec/trim.sh"], text: String(repeating: "y", count: 300),
      answer: String(repeating: "y", count: 200)),
    // What a hook inserts is looked at again.
    Row(
      hooks: [
        "before:exec:jq -c '{decision: \"modify\", arguments: {text: (\"AKIA\" + \"\(token)\")}}'"
      ],
      answer: "The gateway refused this: a secret is being passed to SERVER: "
        + "aws-access-key-id at arguments.text (secret_found, rule aws-access-key-id, at arguments.text)"
    ),
    Row(
      hooks: ["after:exec:jq -c '.content[0].text = (\"AKIA\" + \"\(token)\")'"],
      answer: "The gateway refused this: SERVER returned a secret: "
        + "aws-access-key-id at content[0].text (secret_found, rule aws-access-key-id, at content[0].text)"
    ),
    Row(
      hooks: [#"before:exec:jq -c '{decision: "modify", params: {name: "fail", arguments: {}}}'"#],
      answer: "The gateway refused this: hook before:exec#1 gave no usable answer: a decision to "
        + "modify before a call has the members arguments, decision, reason, callId and no others, "
        + "so the call was refused (interceptor_failed, rule before:exec#1)"),
  ]

  /// The rest of a made-up access key.
  private static let token = "Q3EGUZ5XKM7FPN2R"

  @Test(arguments: rows)
  func aHookOfTheCommandLineDoesWhatItSays(_ row: Row) async throws {
    try await withSandbox { sandbox in
      let server = sandbox.name("everything")
      try sandbox.serve(.everything(server))
      let child = try sandbox.gateway(
        ["gateway", "run"] + row.hooks.flatMap { ["--interceptor", $0] })
      let session = RawSession(child)
      try await session.initialize()
      _ = try await session.waitForTools("echo") { $0.contains("echo") }
      let result = try await session.call("echo", ["text": .string(row.text)], within: .seconds(60))
      #expect(
        result.resultText == row.answer.replacing("SERVER", with: server), "\(child.errors)")
      if let logged = row.logged {
        #expect(child.errors.contains(logged), "\(child.errors.suffix(2000))")
      }
    }
  }

  @Test func aServiceOfTheCommandLineIsAsked() async throws {
    try await withSandbox { sandbox in
      let script = try sandbox.write(
        "service.py",
        """
        import http.server, json
        class Hook(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                answer = b""
                if self.path == "/after":
                    body["content"][0]["text"] = body["content"][0]["text"].upper()
                    answer = json.dumps(body).encode()
                if self.path == "/teapot":
                    self.send_response(418)
                else:
                    self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
        print(server.server_port, flush=True)
        server.serve_forever()
        """)
      let service = try sandbox.start(["python3", script], environment: Machine.environment)
      let port = try await eventually(within: .seconds(20), "a port") {
        service.output.split(separator: "\n").first.map(String.init)
      }
      let url = "http://127.0.0.1:\(port)"
      try sandbox.serve(.everything(sandbox.name("everything")))
      let session = try await sandbox.session(
        "--interceptor", "before:http:\(url)/before", "--interceptor", "after:http:\(url)/after")
      _ = try await session.waitForTools("echo") { $0.contains("echo") }
      #expect(try await session.call("echo", ["text": "hello"]).resultText == "HELLO")
      let other = try await sandbox.session("--interceptor", "before:http:\(url)/teapot")
      _ = try await other.waitForTools("echo") { $0.contains("echo") }
      #expect(try await other.call("echo", ["text": "hello"])["isError"] == true)
    }
  }

  @Test(arguments: ["around:exec:x", "before:exec", "before:wasm:x", "", "before:exec:", "exec:x"])
  func whatIsNoHookStartsNothing(_ spec: String) async throws {
    try await withSandbox { sandbox in
      let run = try await sandbox.run(
        "run", "--interceptor", "before:exec:true", "--interceptor", spec)
      #expect(run.exit == .status(2))
      #expect(run.errors.contains("--interceptor: error: number 2 "), "\(run.errors)")
    }
  }

  @Test func theWordsOfAHookStandInNoErrorAndNoRecord() async throws {
    try await withSandbox { sandbox in
      let run = try await sandbox.run("run", "--interceptor", "before:exex:TOKEN=hush-hush")
      #expect(run.exit == .status(2))
      #expect(!run.errors.contains("hush-hush"))
    }
  }

  @Test(arguments: [("9", nil), ("22", "fail is for 8 to 18 o'clock")])
  func theExampleOfAPersistentHookJudgesCalls(hour: String, reason: String?) async throws {
    try await withSandbox { sandbox in
      let folder = "\(Self.examples)/persistent"
      let policy = try String(contentsOfFile: "\(folder)/policy.yaml", encoding: .utf8)
        .replacing("working_hours.py]", with: "\(folder)/working_hours.py]")
      let file = try sandbox.write("policy.yaml", policy)
      try sandbox.serve(.everything(sandbox.name("everything")))
      let session = try await sandbox.session(
        "--policy", file, environment: ["HOUR_OF_DAY": hour])
      _ = try await session.waitForTools("echo") { $0.contains("echo") }
      #expect(try await session.call("echo", ["text": "hello"]).resultText == "hello")
      let failing = try await session.call("fail").resultText
      #expect(failing.contains(reason ?? "this tool always fails"))
    }
  }

  @Test func theCommandsForHooksNeedNoEngine() async throws {
    try await withSandbox { sandbox in
      let nowhere = ["DOCKER_HOST": "unix:///no/engine.sock"]
      let call = try sandbox.write("call.json", #"{"server":"s","params":{"name":"delete_it"}}"#)
      let denied = try await sandbox.run(
        "interceptor", "test", "before:exec:\(Self.examples)/exec/protect.sh", "--call", call,
        "--format", "json", environment: nowhere)
      #expect(denied.exit == .status(0), "\(denied.errors)")
      let report = try JSON.parse(denied.output)
      #expect(report["decision"] == "refused")
      #expect(report["server"].isNull)
      #expect(
        report["client"].resultText.contains("delete_it on s changes what it should only read"))

      let result = try sandbox.write(
        "result.json", #"{"result":{"content":[{"type":"text","text":"abc"}]}}"#)
      let changed = try await sandbox.run(
        "interceptor", "test", "after:exec:jq -c '.content[0].text += \"d\"'", "--result", result,
        environment: nowhere)
      #expect(changed.exit == .status(0))
      #expect(changed.output.contains(#"to client: {"content":[{"type":"text","text":"abcd"}]}"#))

      let failed = try await sandbox.run(
        "interceptor", "test", "before:exec:echo oops >&2; exit 3", environment: nowhere)
      #expect(failed.exit == .status(1))
      #expect(failed.errors.contains("oops"))

      let unusable = try await sandbox.run(
        "interceptor", "test", "before:exec", environment: nowhere)
      #expect(unusable.exit == .status(2))
      let schema = try await sandbox.run("interceptor", "schema", "output", environment: nowhere)
      #expect(try JSON.parse(schema.output)["title"].string != nil)
    }
  }
}
