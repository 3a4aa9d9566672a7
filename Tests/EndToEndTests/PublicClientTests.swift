import Testing

/// The public client, both majors, over each transport, against real servers in containers.
@Suite struct PublicClientTests {
  /// Where the client finds a gateway that serves the sandbox's catalog.
  private func target(_ client: PublicClient, _ sandbox: Sandbox) async throws -> JSON {
    guard client.transport == .stdio else {
      return try await sandbox.listen(client.transport).target
    }
    let environment = JSON.object(sandbox.environment.mapValues { .string($0) })
    return [
      "command": [.string(try Machine.gateway), "gateway", "run"], "env": environment,
    ]
  }

  @Test(arguments: PublicClient.all)
  func publicServersAreListedAndCalled(client: PublicClient) async throws {
    try await withSandbox { sandbox in
      try sandbox.serve(
        .image("mcp-gateway-demo/time:1", name: sandbox.name("time")),
        .image("mcp-gateway-demo/git:1", name: sandbox.name("git")).with("longLived", true))
      let steps: [JSON] = [
        ["do": "offered", "tools": ["get_current_time", "git_log"]],
        ["do": "call", "tool": "get_current_time", "arguments": ["timezone": "Asia/Tokyo"]],
        ["do": "call", "tool": "git_log", "arguments": ["repo_path": "/srv/sample"]],
        ["do": "call", "tool": "get_current_time", "arguments": ["timezone": "Nowhere/Land"]],
        ["do": "call", "tool": "no_such_tool"],
        ["do": "ping"],
      ]
      let session = try await client.perform(steps, at: target(client, sandbox), in: sandbox)
      let outcomes = session["outcomes"]
      let names = outcomes[0]["result"].array.compactMap(\.["name"].string)
      #expect(names.contains("convert_time") && names.contains("git_status"))
      #expect(outcomes[1]["result"].resultText.contains("Asia/Tokyo"))
      #expect(outcomes[2]["result"].resultText.contains("Write note 1"))
      #expect(outcomes[3]["result"]["isError"] == true)
      #expect(outcomes[3]["result"].resultText.contains("Nowhere/Land"))
      #expect(outcomes[4].text.contains("no_such_tool"))
      #expect(!outcomes[5]["result"].isNull)
    }
  }

  @Test(arguments: PublicClient.all)
  func allKindsOfRequestsReachTheServer(client: PublicClient) async throws {
    try await withSandbox { sandbox in
      try sandbox.serve(.everything(sandbox.name("everything"), longLived: true))
      let steps: [JSON] = [
        ["do": "offered", "tools": ["echo"]],
        ["do": "call", "tool": "echo", "arguments": ["text": "häh \u{1F600}"]],
        ["do": "call", "tool": "slow", "arguments": ["seconds": 0.3, "steps": 3]],
        ["do": "call", "tool": "fail"],
        ["do": "call", "tool": "protocol_error"],
        ["do": "resources"],
        ["do": "read", "uri": "test://note/3"],
        ["do": "read", "uri": "test://note/99"],
        ["do": "read", "uri": "test://elsewhere"],
        ["do": "prompts"],
        ["do": "prompt", "name": "greet", "arguments": ["language": "French"]],
        ["do": "complete", "prompt": "greet", "argument": "language", "value": "E"],
        ["do": "templates"],
        ["do": "call", "tool": "structured", "arguments": ["city": "Oslo"]],
        ["do": "call", "tool": "grow"],
        ["do": "wait", "method": "notifications/tools/list_changed"],
        ["do": "offered", "tools": ["grown1"]],
      ]
      let session = try await client.perform(steps, at: target(client, sandbox), in: sandbox)
      let outcomes = session["outcomes"]
      #expect(outcomes[0]["result"].array.count == 19)
      #expect(outcomes[1]["result"].resultText == "häh \u{1F600}")
      #expect(outcomes[2]["result"].resultText == "took 3 steps")
      #expect(session["progress"] == [[1, 3], [2, 3], [3, 3]])
      #expect(outcomes[3]["result"]["isError"] == true)
      #expect(outcomes[4]["error"]["code"] == -32050)
      #expect(outcomes[4]["error"]["message"] == "a protocol error on purpose")
      #expect(outcomes[5]["result"].array.count == 12)
      #expect(outcomes[6]["result"]["contents"][0]["text"] == "Text of note/3.")
      #expect(outcomes[7]["result"]["contents"][0]["text"] == "Text of note/99.")
      #expect(outcomes[8]["error"]["code"] == -32002)
      #expect(outcomes[9]["result"].array.count == 8)
      let greeting = outcomes[10]["result"]["messages"][0]["content"]["text"]
      #expect(greeting == "Greet in French.")
      #expect(outcomes[11]["result"]["completion"]["values"] == ["English", "Esperanto"])
      #expect(outcomes[12]["result"][0]["uriTemplate"] == "test://note/{number}")
      #expect(outcomes[13]["result"]["structuredContent"]["city"] == "Oslo")
      #expect(outcomes[16]["result"].array.count == 20)
    }
  }

  @Test(arguments: PublicClient.all)
  func aCancelledCallEndsAtTheServerAndTheSessionGoesOn(client: PublicClient) async throws {
    try await withSandbox { sandbox in
      let name = sandbox.name("everything")
      try sandbox.serve(.everything(name))
      let steps: [JSON] = [
        ["do": "offered", "tools": ["echo"]],
        ["do": "abandon", "tool": "slow", "arguments": ["seconds": 60], "after": 2],
        ["do": "call", "tool": "echo", "arguments": ["text": "still here"]],
      ]
      let session = try await client.perform(steps, at: target(client, sandbox), in: sandbox)
      #expect(session["outcomes"][1]["result"]["cancelled"] == true)
      #expect(session["outcomes"][2]["result"].resultText == "still here")
    }
  }
}
