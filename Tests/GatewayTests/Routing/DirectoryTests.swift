import Testing
import Wire

@testable import Gateway

private func entry(_ name: String) -> Listing.Entry {
  .init(
    name: name,
    text: JSONText(object: [
      ("name", JSONText(string: name)),
      ("inputSchema", JSONText(object: [("type", JSONText(string: "object"))])),
    ]))
}

private func resource(_ uri: String) -> Listing.Entry {
  .init(
    name: uri,
    text: JSONText(object: [("uri", JSONText(string: uri)), ("name", JSONText(string: "r"))]))
}

private func listing(
  tools: [String] = [], resources: [String] = [], templates: [String] = []
) -> Listing {
  var listing = Listing()
  listing.tools = tools.map(entry)
  listing.resources = resources.map(resource)
  listing.templates = templates.map { .init(name: $0, text: JSONText(string: $0)) }
  return listing
}

private func names(_ directory: Directory) -> [String] {
  (directory.toolsList["tools"]?.elements ?? []).compactMap { $0["name"]?.string }
}

@Test func toolsOfAllServersAreListedAndLeadToTheirServer() {
  let directory = Directory(["a": listing(tools: ["x"]), "b": listing(tools: ["y"])]) { _, _ in true
  }
  #expect(names(directory) == ["x", "y"])
  #expect(directory.tool("y") == .route(.init(server: "b", name: "y")))
  #expect(directory.tool("z") == .unknown)
}

@Test func oldClientsAreToldOfOutputSchemasThatDescribeObjectsAlone() throws {
  var listing = Listing()
  listing.tools = try ["{}", #"{"type":"array"}"#, #"{"type":"object"}"#].enumerated().map {
    let text = #"{"name":"t\#($0)","inputSchema":{"type":"object"},"outputSchema":\#($1)}"#
    return .init(name: "t\($0)", text: try JSONText(validating: text))
  }
  let directory = Directory(["s": listing]) { _, _ in true }
  func schemas(_ pages: ListPages) -> [Bool]? {
    pages.whole["tools"]?.elements.map { $0["outputSchema"] != nil }
  }
  #expect(schemas(directory.toolPages) == [true, true, true])
  #expect(schemas(directory.handshakeToolPages) == [false, false, true])
}

@Test func aToolThatIsNotEnabledIsNeitherListedNorFoundNorInAClash() {
  let directory = Directory(["a": listing(tools: ["x"]), "b": listing(tools: ["x"])]) { server, _ in
    server == "a"
  }
  #expect(names(directory) == ["x"])
  #expect(directory.tool("x") == .route(.init(server: "a", name: "x")))
}

@Test func aToolThatTheFilterLeavesOutIsSaidToBeSo() {
  let directory = Directory(["a": listing(tools: ["x", "y"])]) { _, tool in tool == "y" }
  #expect(names(directory) == ["y"])
  #expect(directory.tool("x") == .disabled(server: "a"))
}

@Test func theBareNameOfAClashNamesTheAliases() {
  let directory = Directory(["a": listing(tools: ["x"]), "b": listing(tools: ["x"])]) { _, _ in true
  }
  #expect(names(directory) == ["a__x", "b__x"])
  #expect(directory.tool("x") == .ambiguous(["a__x", "b__x"]))
  #expect(directory.tool("b__x") == .route(.init(server: "b", name: "x")))
}

@Test func aResourceOfTwoServersIsListedQualified() {
  let directory = Directory([
    "a": listing(resources: ["file:///x", "file:///y"]), "b": listing(resources: ["file:///x"]),
  ]) { _, _ in true }
  let uris = (directory.resourcePages.whole["resources"]?.elements ?? []).compactMap {
    $0["uri"]?.string
  }
  #expect(uris == ["mcp-gateway+a:file:///x", "file:///y", "mcp-gateway+b:file:///x"])
  #expect(directory.resource("file:///y") == .route(.init(server: "a", name: "file:///y")))
  #expect(
    directory.resource("mcp-gateway+b:file:///x") == .route(.init(server: "b", name: "file:///x")))
  guard case .ambiguous = directory.resource("file:///x") else {
    Issue.record("a shared URI leads nowhere by itself")
    return
  }
  #expect(directory.resource("mcp-gateway+b:file:///y") == .unknown)
}

@Test func aURIOfATemplateLeadsToTheTemplatesServer() {
  let directory = Directory([
    "a": listing(templates: ["note://{id}"]), "b": listing(templates: ["db://{table}", "{+all}"]),
  ]) { _, _ in true }
  #expect(directory.resource("note://7") == .route(.init(server: "a", name: "note://7")))
  #expect(directory.resource("other://7") == .unknown)
  #expect(directory.template("db://{table}") == .route(.init(server: "b", name: "db://{table}")))
  #expect(directory.findings.count == 1)
}
