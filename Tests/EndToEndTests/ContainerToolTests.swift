import Testing

/// Tools that are plain containers: one container per call, arguments as words of its command.
@Suite struct ContainerToolTests {
  /// A server of such tools; the engine's labels carry the tool's name.
  private func entry(_ sandbox: Sandbox, command: JSON, user: String? = nil) -> (
    ServerEntry, String
  ) {
    let tool = sandbox.name("say").split(separator: "-").joined(separator: "_")
    sandbox.watch(tool)
    let parameters: JSON = [
      "type": "object", "required": ["text"],
      "properties": ["text": ["type": "string", "description": "What to say."]],
    ]
    let container: JSON = ["image": "mcp-gateway-demo/busybox:1", "command": command]
    let description: JSON = [
      "name": .string(tool), "description": "Says it.", "parameters": parameters,
      "container": container,
    ]
    let server = ServerEntry(
      name: sandbox.name("words"), fields: ["type": "poci", "tools": [description]])
    return (server, tool)
  }

  @Test func theParametersAreShownAndTheOutputIsTheResult() async throws {
    try await withSandbox { sandbox in
      let (server, tool) = entry(sandbox, command: ["echo", "{{text}}"])
      try sandbox.serve(server)
      let session = try await sandbox.session()
      _ = try await session.waitForTools(tool) { $0 == [tool] }
      let shown = try await session.list("tools/list", "tools")[0]["inputSchema"]
      #expect(shown["properties"]["text"]["type"] == "string")
      #expect(shown["required"] == ["text"])
      let result = try await session.call(tool, ["text": "hello; rm -rf / $(id)"])
      #expect(result.resultText == "hello; rm -rf / $(id)\n")
      #expect(try await Machine.containers(serving: tool).isEmpty)
    }
  }

  /// An argument is one word after the image's name: it cannot become an option of the engine.
  @Test(arguments: ["--privileged", "-v/:/host", "--network=host", "a b\nc", "{{text}}", "-n"])
  func anArgumentStaysOneWord(text: String) async throws {
    try await withSandbox { sandbox in
      let (server, tool) = entry(sandbox, command: ["printf", "[%s]", "{{text}}"])
      try sandbox.serve(server)
      let session = try await sandbox.session()
      _ = try await session.waitForTools(tool) { $0 == [tool] }
      let failure = try await session.failure(of: tool, ["text": .string(text)])
      if failure == nil {
        let result = try await session.call(tool, ["text": .string(text)])
        #expect(result.resultText == "[\(text)]")
      } else {
        // Refusing a word that looks like an option is as good, for these.
        #expect(text.hasPrefix("-"), "\(failure ?? "")")
      }
    }
  }

  @Test func aToolThatFailsSaysWhy() async throws {
    try await withSandbox { sandbox in
      let (server, tool) = entry(sandbox, command: ["cat", "{{text}}"])
      try sandbox.serve(server)
      let session = try await sandbox.session()
      _ = try await session.waitForTools(tool) { $0 == [tool] }
      let failure = try await session.failure(of: tool, ["text": "/no/such/file"])
      #expect(failure?.contains("/no/such/file") == true, "\(failure ?? "no failure")")
    }
  }

  @Test func argumentsThatDoNotFitAreRefused() async throws {
    try await withSandbox { sandbox in
      let (server, tool) = entry(sandbox, command: ["echo", "{{text}}"])
      try sandbox.serve(server)
      let session = try await sandbox.session()
      _ = try await session.waitForTools(tool) { $0 == [tool] }
      let missing = try await session.failure(of: tool, [:])
      #expect(missing?.contains("text") == true, "\(missing ?? "no failure")")
      let wrong = try await session.failure(of: tool, ["text": ["a", "list"]])
      #expect(wrong?.contains("text") == true, "\(wrong ?? "no failure")")
    }
  }
}
