import Foundation
import Testing

/// Named tokens, from the command that makes them to the server that must never see them.
@Suite struct TokenTests {
  private static let hello =
    #"{"jsonrpc":"2.0","id":1,"method":"initialize","params":"#
    + RawSession.initializeParameters.text + "}"

  private func status(_ gateway: HTTPGateway, _ token: String) async throws -> Int {
    try await gateway.curl(
      "--output", "/dev/null", "--header", "Authorization: Bearer \(token)", "--header",
      "Content-Type: application/json", "--header", "Accept: application/json, text/event-stream",
      "--data", Self.hello
    ).status
  }

  private func token(_ name: String, _ file: String, _ sandbox: Sandbox) async throws -> String {
    let made = try await sandbox.run("token", "create", name, "--file", file)
    #expect(made.exit == .status(0), "\(made.errors)")
    return made.output.trimmingCharacters(in: .newlines)
  }

  @Test func aTokenOpensTheDoorUntilItIsTakenBack() async throws {
    try await withSandbox { sandbox in
      let file = sandbox.path("tokens.txt")
      let (alice, bob) = (
        try await token("alice", file, sandbox), try await token("bob", file, sandbox)
      )
      let text = try String(contentsOfFile: file, encoding: .utf8)
      #expect(!text.contains(alice) && !text.contains(bob))
      #expect(try await sandbox.run("token", "ls", "--file", file).output.contains("alice"))

      try sandbox.serve(.plain(sandbox.name("plain"), tools: 1))
      let gateway = try await sandbox.listen(.streaming, "--auth-tokens", file)
      #expect(try await status(gateway, alice) == 200)
      #expect(try await status(gateway, bob) == 200)
      #expect(try await status(gateway, HTTPGateway.token) == 200)
      #expect(try await status(gateway, alice + "x") == 401)

      let removed = try await sandbox.run("token", "rm", "alice", "--file", file)
      #expect(removed.exit == .status(0), "\(removed.errors)")
      try await eventually("the token to be taken back") {
        try await status(gateway, alice) == 401
      }
      #expect(try await status(gateway, bob) == 200)

      try sandbox.write("tokens.txt", "nonsense\n")
      try await eventually("the complaint") {
        gateway.process.errors.contains("tokens.txt:1:1: error:")
      }
      #expect(try await status(gateway, bob) == 200)
      #expect(!gateway.process.errors.contains(alice) && !gateway.process.errors.contains(bob))
    }
  }

  @Test func aFileThatOthersCanReadIsRefused() async throws {
    try await withSandbox { sandbox in
      let file = sandbox.path("tokens.txt")
      _ = try await token("alice", file, sandbox)
      #expect(chmod(file, 0o644) == 0)
      for arguments in [
        ["token", "create", "bob", "--file", file],
        ["gateway", "run", "--dry-run", "--transport", "streaming", "--auth-tokens", file],
      ] {
        let process = try sandbox.gateway(arguments)
        process.closeInput()
        #expect(try await process.wait() == .status(2))
        #expect(process.errors.contains("chmod 600"), "\(process.errors)")
      }
      let absent = try await sandbox.run(
        "gateway", "run", "--dry-run", "--transport", "streaming", "--auth-tokens", "/no/file")
      #expect(absent.exit == .status(2))
      #expect(absent.errors.contains("token create"), "\(absent.errors)")
    }
  }

  /// Answers every request of a remote server and writes down what it was sent.
  private static let recorder = """
    import http.server, json, sys
    class Handler(http.server.BaseHTTPRequestHandler):
        def log_message(self, *_): pass
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with open(sys.argv[2], "a") as log: log.write(str(self.headers) + body.decode() + "\\n")
            message = json.loads(body)
            if "id" not in message:
                self.send_response(202); self.send_header("Content-Length", "0"); self.end_headers(); return
            result = {"initialize": {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}},
              "serverInfo": {"name": "recorder", "version": "1"}},
              "tools/list": {"tools": [{"name": "record", "inputSchema": {"type": "object"}}]},
            }.get(message["method"], {"content": []})
            answer = json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}).encode()
            self.send_response(200); self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer))); self.end_headers()
            self.wfile.write(answer)
        def do_GET(self): self.send_error(405)
        def do_DELETE(self): self.send_response(200); self.send_header("Content-Length", "0"); self.end_headers()
    http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
    """

  @Test func noTokenOfAClientReachesAServer() async throws {
    try await withSandbox { sandbox in
      let port = try Machine.freePort()
      let log = sandbox.path("seen.txt")
      let program = try sandbox.write("recorder.py", Self.recorder)
      _ = try sandbox.start(["python3", program, "\(port)", log])
      let remote: JSON = [
        "url": .string("http://127.0.0.1:\(port)/mcp"), "transport_type": "streamable-http",
        "headers": ["X-Configured": "by-the-operator"],
      ]
      let name = sandbox.name("recorder")
      try sandbox.serve(ServerEntry(name: name, fields: ["type": "remote", "remote": remote]))
      let file = sandbox.path("tokens.txt")
      let alice = try await token("alice", file, sandbox)
      let listen = try Machine.freePort()
      let process = try sandbox.gateway(
        [
          "gateway", "run", "--transport", "streaming", "--port", "\(listen)", "--auth-tokens",
          file,
        ], environment: ["DOCKER_MCP_ALLOW_INSECURE_REMOTE_URLS": "1"])
      let gateway = HTTPGateway(process: process, port: listen, transport: .streaming)
      try await gateway.waitUntilHealthy()

      let headers = [
        "Authorization: Bearer \(alice)", "Cookie: session=client-cookie",
        "X-Client: client-header",
        "Content-Type: application/json", "Accept: application/json, text/event-stream",
      ].flatMap { ["--header", $0] }
      let opened = try await Machine.output(
        of: ["curl", "--silent", "--include", "--data", Self.hello, gateway.url] + headers)
      let session = opened.split(separator: "\r\n").first {
        $0.lowercased().hasPrefix("mcp-session-id:")
      }
      let call = #"{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"record"}}"#
      let answer = try await Machine.output(
        of: [
          "curl", "--silent", "--data", call, "--header", String(try #require(session)),
          gateway.url,
        ] + headers)
      #expect(answer.contains(#""content""#), "\(answer)\(process.errors)")

      let seen = try String(contentsOfFile: log, encoding: .utf8)
      #expect(seen.contains("tools/call") && seen.contains("by-the-operator"))
      let id = session?.split(separator: " ").last.map(String.init) ?? "?"
      for word in [alice, "Bearer", "client-cookie", "client-header", id] {
        #expect(!seen.contains(word), "\(word) in \(seen)")
      }
    }
  }
}
