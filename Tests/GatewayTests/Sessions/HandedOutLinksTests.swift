import Testing
import Wire

@testable import Gateway

@Suite(.timeLimit(.minutes(1)))
struct HandedOutLinksTests {
  private static func server(_ name: String) -> FakeServer {
    let server = FakeServer(name, capabilities: #"{"tools":{},"resources":{}}"#)
    server.on("resources/list") {
      $0.answer($1, #"{"resources":[{"uri":"x:listed","name":"l"}]}"#)
    }
    server.on("resources/templates/list") { $0.answer($1, #"{"resourceTemplates":[]}"#) }
    server.on("tools/call") { server, request in
      let uri = request.params["arguments"]?["uri"] ?? .null
      server.answer(
        request, #"{"content":[{"type":"resource_link","uri":\#(uri),"name":"n"}],"_meta":{}}"#)
    }
    server.on("resources/read") { server, request in
      let uri = request.params["uri"] ?? .null
      server.answer(request, #"{"contents":[{"uri":\#(uri),"text":"\#(server.name)"}]}"#)
    }
    return server
  }

  private func ready(_ names: [String]) async throws -> FakeGateway {
    let gateway = try FakeGateway(names.map { .fake($0) })
    gateway.fleet.make { name, _ in Self.server(name) }
    await gateway.list()
    try await gateway.initialize()
    return gateway
  }

  private func link(_ gateway: FakeGateway, _ tool: String, _ uri: String) async throws -> String? {
    let result = try await gateway.request(
      "tools/call", #"{"name":"\#(tool)","arguments":{"uri":"\#(uri)"}}"#
    ).last?.result
    return result?["content"]?.elements.first?["uri"]?.string
  }

  private func read(_ gateway: FakeGateway, _ uri: String) async throws -> Message? {
    try await gateway.request("resources/read", #"{"uri":"\#(uri)"}"#).last
  }

  @Test func aLinkedResourceIsReadFromTheServerThatLinkedToIt() async throws {
    let gateway = try await ready(["a", "b"])
    #expect(try await read(gateway, "x:1")?.error?.code == -32002)
    #expect(try await link(gateway, "b__echo", "x:1") == "x:1")
    let contents = try await read(gateway, "x:1")?.result?["contents"]?.elements.first
    #expect(contents?["text"]?.string == "b")
    #expect(!gateway.fleet.started.contains { $0.name == "a" && $0.count("resources/read") > 0 })
    // Another session was given no link.
    let other = try gateway.core.open(identity: "local")
    _ = other.begin(
      try Message(
        Array(
          #"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"x"}}"#.utf8))
    )
    guard
      case .work(let exchange) = other.begin(
        try Message(
          Array(
            #"{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"x:1"}}"#.utf8)))
    else { return }
    #expect(await exchange.run { _ in }?.error?.code == -32002)
    await other.end()
    await gateway.end()
  }

  @Test func whatTwoServersLinkToIsToldApart() async throws {
    let gateway = try await ready(["a", "b"])
    _ = try await link(gateway, "a__echo", "x:1")
    _ = try await link(gateway, "b__echo", "x:1")
    let error = try await read(gateway, "x:1")?.error
    #expect(error?.code == -32602)
    #expect(error?.message.contains("mcp-gateway+a:x:1, mcp-gateway+b:x:1") == true)
    let contents = try await read(gateway, "mcp-gateway+b:x:1")?.result?["contents"]
    #expect(contents?.elements.first?["text"]?.string == "b")
    #expect(contents?.elements.first?["uri"]?.string == "mcp-gateway+b:x:1")
    await gateway.end()
  }

  @Test func aLinkToWhatTwoServersListIsQualified() async throws {
    let gateway = try await ready(["a", "b"])
    #expect(try await link(gateway, "b__echo", "x:listed") == "mcp-gateway+b:x:listed")
    let alone = try await ready(["a"])
    #expect(try await link(alone, "echo", "x:listed") == "x:listed")
    await alone.end()
    await gateway.end()
  }

  @Test func theOldestLinksAreForgotten() {
    var links = HandedOutLinks()
    for number in 0...HandedOutLinks.most { links.add("x:\(number)", of: "s") }
    links.add(String(repeating: "x", count: HandedOutLinks.longest + 1), of: "s")
    #expect(links.find("x:0") == .unknown)
    #expect(links.find("x:1") == .route(.init(server: "s", name: "x:1")))
  }

  @Test func linksOfPromptsAreFoundToo() throws {
    let prompt = try JSONText(
      validating: #"""
        {"messages":[{"role":"user","content":{"type":"resource_link","uri":"x:1"}},\#
        {"role":"user","content":{"type":"text","text":"resource_link"}}]}
        """#)
    var found: [String] = []
    let links = ResultLinks(method: .getPrompt, result: prompt)
    #expect(
      links.renamed {
        found.append($0)
        return nil
      } == prompt)
    #expect(found == ["x:1"])
    let renamed = links.renamed { "y:" + $0 }
    #expect(renamed["messages"]?.elements[0]["content"]?["uri"]?.string == "y:x:1")
  }
}
