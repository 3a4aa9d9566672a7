import Testing

@testable import Authorization

@Suite struct ResourceMetadataTests {
  @Test(arguments: [
    ("https://mcp.example.com/mcp", "https://mcp.example.com", "/mcp"),
    ("https://mcp.example.com", "https://mcp.example.com", ""),
    ("https://h.example:8443/a/b", "https://h.example:8443", "/a/b"),
    ("http://localhost:8811/mcp", "http://localhost:8811", "/mcp"),
  ])
  func theWellKnownPartStandsBetweenHostAndPath(
    resource: String, origin: String, path: String
  ) throws {
    let metadata = ResourceMetadata(
      ResourceServer(
        issuers: ["https://a", "https://b"], resource: resource, requiredScopes: ["x"]))
    let known = "/.well-known/oauth-protected-resource"
    #expect(metadata.url == origin + known + path)
    #expect(metadata.paths == [known, known + path])
    #expect(metadata.document["resource"]?.string == resource)
    #expect(
      metadata.document["authorization_servers"]?.elements.compactMap(\.string)
        == ["https://a", "https://b"])
    #expect(
      metadata.document["bearer_methods_supported"]?.elements.compactMap(\.string) == ["header"])
    #expect(metadata.document["scopes_supported"]?.elements.compactMap(\.string) == ["x"])
  }
}
