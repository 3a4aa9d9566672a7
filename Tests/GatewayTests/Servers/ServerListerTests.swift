import Testing
import Wire

@testable import Gateway

@Suite(.timeLimit(.minutes(1)))
struct ServerListerTests {
  private let server = FakeServer(
    capabilities: #"{"tools":{},"prompts":{},"resources":{},"completions":{}}"#)

  private func list(
    within limit: Duration = .seconds(20), mostBytes: Int = 1 << 20
  ) async throws -> Listing {
    let connection = MCPConnection(server: "s", channel: server) { _ in }
    let hello = try await ServerHandshake.perform(.handshake, on: connection, within: .seconds(5))
    do {
      var lister = ServerLister(connection: connection, hello: hello, limit: limit)
      lister.mostBytes = mostBytes
      let listing = try await lister.list()
      await connection.close()
      return listing
    } catch {
      await connection.close()
      throw error
    }
  }

  private static func tool(_ name: String, schema: String = #"{"type":"object"}"#) -> String {
    #"{"name":"\#(name)","inputSchema":\#(schema)}"#
  }

  @Test func allPagesAreRead() async throws {
    server.on("tools/list") { server, request in
      switch request.params["cursor"]?.string {
      case nil: server.answer(request, #"{"tools":[\#(Self.tool("a"))],"nextCursor":""}"#)
      case "": server.answer(request, #"{"tools":[\#(Self.tool("b"))],"nextCursor":"c"}"#)
      default: server.answer(request, #"{"tools":[\#(Self.tool("c"))]}"#)
      }
    }
    let listing = try await list()
    #expect(listing.tools.map(\.name) == ["a", "b", "c"])
    #expect(listing.findings.isEmpty)
  }

  @Test func whatAServerDeclaresAndDoesNotKnowIsEmpty() async throws {
    let listing = try await list()
    #expect(listing.tools.map(\.name) == ["echo"])
    #expect(listing.prompts.isEmpty && listing.resources.isEmpty && listing.templates.isEmpty)
  }

  @Test func pagesInACircleAndEndlessPagesStop() async throws {
    server.on("tools/list") { server, request in
      server.answer(request, #"{"tools":[\#(Self.tool("a"))],"nextCursor":"x"}"#)
    }
    server.on("prompts/list") { server, request in
      let page = (request.params["cursor"]?.string).flatMap(Int.init) ?? 0
      server.answer(request, #"{"prompts":[{"name":"p\#(page)"}],"nextCursor":"\#(page + 1)"}"#)
    }
    let listing = try await list()
    #expect(server.count("tools/list") == 2)
    #expect(listing.tools.count == 1)
    #expect(listing.prompts.count == ServerLister.mostPages)
    #expect(listing.findings.contains { $0.contains("circle") })
    #expect(listing.findings.contains { $0.contains("pages; the rest") })
  }

  @Test func badEntriesGoAndTheRestStays() async throws {
    server.on("tools/list") { server, request in
      let entries = [
        Self.tool("good"), Self.tool("good"), Self.tool(""), #"{"inputSchema":{"type":"object"}}"#,
        "7", Self.tool("schemaless", schema: "{}"), Self.tool("array", schema: "[]"),
      ]
      server.answer(request, #"{"tools":[\#(entries.joined(separator: ","))]}"#)
    }
    let listing = try await list()
    #expect(listing.tools.map(\.name) == ["good"])
    #expect(listing.findings.count == 3)
    #expect(listing.findings.contains { $0.contains("4 entries") })
  }

  @Test(arguments: [false, true])
  func aToolThatMirrorsArgumentsWronglyIsLeftOutBehindHTTPAlone(isBehindHTTP: Bool) async throws {
    func schema(_ token: String) -> String {
      #"{"type":"object","properties":{"a":{"type":"string","x-mcp-header":"\#(token)"}}}"#
    }
    let tools = [Self.tool("good", schema: schema("A")), Self.tool("bad", schema: schema("a b"))]
    server.on("tools/list") { $0.answer($1, #"{"tools":[\#(tools.joined(separator: ","))]}"#) }
    if isBehindHTTP { server.speakHTTP() }
    let listing = try await list()
    #expect(listing.tools.map(\.name) == (isBehindHTTP ? ["good"] : ["good", "bad"]))
    #expect(listing.findings.isEmpty != isBehindHTTP)
  }

  @Test(arguments: [
    (#"[{"src":"https://a/b.png"},{"src":"DATA:image/png;base64,AA=="}]"#, 2),
    (#"[{"src":"https://a/b.png"},{"src":"javascript:alert(1)"},{"src":"http://a/"}]"#, 1),
    (#"[{"src":"file:///etc/passwd"},{"src":5},{},7]"#, nil), (#"[]"#, 0),
    (#"[{"src":"data:\#(String(repeating: "x", count: 70_000))"}]"#, nil),
  ])
  func iconsThatClientsShouldNotTouchAreLeftOut(icons: String, count: Int?) throws {
    let entry = try JSONText(validating: #"{"name":"t","icons":\#(icons),"x":1.0}"#)
    let harmless = Icons.harmless(entry)
    #expect(harmless["icons"]?.elements.count == count)
    #expect(harmless["x"]?.description == "1.0")
  }

  @Test func giantListsAreCutByNumberAndByBytes() async throws {
    server.on("tools/list") { server, request in
      let entries = (0..<(ServerLister.mostEntries + 10)).map { Self.tool("t\($0)") }
      server.answer(request, #"{"tools":[\#(entries.joined(separator: ","))]}"#)
    }
    server.on("prompts/list") { server, request in
      let page = server.count("prompts/list")
      let padding = String(repeating: "x", count: 300 << 10)
      server.answer(
        request,
        #"{"prompts":[{"name":"p\#(page)","description":"\#(padding)"}],"nextCursor":"\#(page)"}"#)
    }
    let listing = try await list()
    #expect(listing.tools.count == ServerLister.mostEntries)
    #expect(listing.prompts.count == 3)
  }

  @Test func aServerThatIsSlowWithEveryPageIsNotWaitedForForEver() async throws {
    server.on("tools/list") { server, request in
      try? await Task.sleep(for: .milliseconds(300))
      let page = server.count("tools/list")
      server.answer(request, #"{"tools":[],"nextCursor":"\#(page)"}"#)
    }
    let start = ContinuousClock.now
    await #expect(throws: Fault.self) { _ = try await list(within: .seconds(1)) }
    #expect(.now - start < .seconds(10))
  }

  @Test(arguments: ["{}", #"{"tools":{}}"#, #"{"tools":null}"#])
  func anAnswerWithoutAListIsAViolation(result: String) async {
    server.on("tools/list") { $0.answer($1, result) }
    do {
      _ = try await list()
      Issue.record("accepted")
    } catch { #expect((error as? Fault)?.kind == .protocolViolation) }
  }
}
