import Testing
import Wire

@testable import Gateway

@Suite(.timeLimit(.minutes(2))) struct CatalogFetcherTests {
  private static func fetcher(
    bytes: Int = 1000, time: Duration = .seconds(60), _ connector: RemoteConnector = .toLoopback
  ) -> CatalogFetcher {
    var limits = CatalogFetcher.Limits()
    limits.bytes = bytes
    limits.time = time
    return CatalogFetcher(connector, limits: limits)
  }

  /// What the operator reads when `script` serves the catalog.
  private static func problem(
    bytes: Int = 1000, time: Duration = .seconds(60), _ connector: RemoteConnector = .toLoopback,
    _ script: @escaping ScriptedServer.Script
  ) async throws -> String? {
    let server = try await ScriptedServer(script)
    defer { server.stop() }
    do {
      _ = try await fetcher(bytes: bytes, time: time, connector)
        .fetch("http://127.0.0.1:\(server.port)/catalog.yaml?token=s3cret")
      return nil
    } catch {
      #expect(error.source == "http://127.0.0.1:\(server.port)/catalog.yaml")
      #expect(!error.description.contains("s3cret"))
      return error.message
    }
  }

  @Test func aCatalogIsFetchedWithoutCredentials() async throws {
    let server = try await ScriptedServer {
      try await $1.answer(type: "text/plain", "registry: {}")
    }
    defer { server.stop() }
    let bytes = try await Self.fetcher().fetch("http://127.0.0.1:\(server.port)/c?x=1")
    #expect(String(decoding: bytes, as: UTF8.self) == "registry: {}")
    let request = try #require(server.requests.first)
    #expect(request.target == "/c?x=1")
    #expect(request.headers["accept-encoding"] == "identity")
    #expect(request.headers["authorization"] == nil && request.headers["cookie"] == nil)
  }

  @Test(arguments: [
    "204 No Content", "206 Partial Content", "304 Not Modified", "404 Not Found",
    "401 Unauthorized", "500 Internal Server Error", "300 Multiple Choices",
  ])
  func anythingBut200IsRefused(_ status: String) async throws {
    let problem = try await Self.problem { _, peer in
      try await peer.write("HTTP/1.1 \(status)\r\nContent-Length: 0\r\n\r\n")
    }
    #expect(problem?.contains(status.prefix(3)) == true)
  }

  @Test func aDeclaredSizeOverTheLimitIsRefused() async throws {
    let problem = try await Self.problem { _, peer in
      try await peer.write("HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n")
    }
    #expect(problem?.contains("larger than 1000 bytes") == true)
  }

  @Test func anEndlessChunkedBodyIsRefused() async throws {
    let problem = try await Self.problem { _, peer in
      try await peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
      while true { try await peer.chunk(String(repeating: "a", count: 100)) }
    }
    #expect(problem?.contains("larger than 1000 bytes") == true)
  }

  @Test func aBodyUntilTheConnectionEndsIsLimitedToo() async throws {
    let problem = try await Self.problem { _, peer in
      try await peer.write("HTTP/1.0 200 OK\r\n\r\n")
      while true { try await peer.write(String(repeating: "a", count: 100)) }
    }
    #expect(problem?.contains("larger than 1000 bytes") == true)
  }

  @Test func aBodyShorterThanDeclaredIsNoCatalog() async throws {
    let problem = try await Self.problem { _, peer in
      try await peer.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nregistry:")
      peer.cut()
    }
    #expect(problem?.contains("closed before the end") == true)
  }

  @Test func aCutChunkedBodyIsNoCatalog() async throws {
    let problem = try await Self.problem { _, peer in
      try await peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
      try await peer.chunk("registry:")
      peer.cut()
    }
    #expect(problem != nil)
  }

  @Test func aSlowServerIsGivenUp() async throws {
    let problem = try await Self.problem(time: .seconds(1)) { _, peer in
      try await peer.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
      for _ in 0..<100 {
        try await Task.sleep(for: .milliseconds(100))
        try await peer.write("a")
      }
    }
    #expect(problem == "could not be fetched within 1 s")
  }

  @Test func aSilentServerIsGivenUp() async throws {
    let problem = try await Self.problem(time: .seconds(1)) { _, _ in }
    #expect(problem?.contains("within") == true)
  }

  @Test func anEncodedBodyIsRefused() async throws {
    let problem = try await Self.problem { _, peer in
      try await peer.answer("200 OK", ["Content-Encoding: gzip"], "x")
    }
    #expect(problem?.contains("encoded") == true)
  }

  @Test func garbageInsteadOfHTTPIsRefused() async throws {
    let problem = try await Self.problem { _, peer in try await peer.write("\u{1}SSH-2.0-x\r\n\r\n")
    }
    #expect(problem?.contains("HTTP") == true)
  }

  @Test func endlessHeadersAreRefused() async throws {
    let problem = try await Self.problem { _, peer in
      try await peer.write("HTTP/1.1 200 OK\r\n")
      while true { try await peer.write("X-A: \(String(repeating: "a", count: 1000))\r\n") }
    }
    #expect(problem != nil)
  }

  @Test func aDeadServerIsNamed() async throws {
    let server = try await ScriptedServer { _, _ in }
    let port = server.port
    server.stop()
    try await Task.sleep(for: .milliseconds(100))
    await #expect(throws: Problem.self) {
      try await Self.fetcher().fetch("http://127.0.0.1:\(port)/")
    }
  }

  @Test func threeRedirectsAreFollowed() async throws {
    let server = try await ScriptedServer { request, peer in
      guard let number = Int(request.target.dropFirst()), number > 0 else {
        return try await peer.answer(type: nil, "done")
      }
      try await peer.answer("302 Found", ["Location: /\(number - 1)"])
    }
    defer { server.stop() }
    let bytes = try await Self.fetcher().fetch("http://127.0.0.1:\(server.port)/3")
    #expect(String(decoding: bytes, as: UTF8.self) == "done")
    let problem = await #expect(throws: Problem.self) {
      try await Self.fetcher().fetch("http://127.0.0.1:\(server.port)/4")
    }
    #expect(problem?.message.contains("more than 3 redirects") == true)
  }

  @Test(arguments: [
    ("http://10.0.0.1/", "10.0.0.1 is private"), ("//10.0.0.1/", "10.0.0.1 is private"),
    ("http://inside.example/", "10.0.0.1 is private"),
    ("http://[::ffff:10.0.0.1]/", "::ffff:a00:1 is private"),
    ("http://2130706433/", "unusual way"), ("http://user:pw@127.0.0.1/", "user name or password"),
    ("file:///etc/passwd", "must start with https"), ("http://unknown.example/", "not found"),
  ])
  func aRedirectToAPrivateAddressIsNotFollowed(
    _ location: String, _ reason: String
  ) async throws {
    let connector = RemoteConnector.refusing(
      ["10.0.0.1", "::ffff:a00:1"], ["inside.example": ["8.8.8.8", "10.0.0.1"]])
    let problem = try await Self.problem(connector) { _, peer in
      try await peer.answer("302 Found", ["Location: \(location)"])
    }
    #expect(problem?.contains(reason) == true)
  }

  @Test(arguments: [
    "http://example.com/", "https://127.0.0.1/", "https://[::1]/", "https://localhost/",
    "https://user:s3cret@example.com/", "https://169.254.169.254/latest/meta-data?s3cret",
    "https://0x7f000001/", "s3cret?",
  ])
  func aStrictFetcherRefusesBeforeItConnects(_ url: String) async throws {
    let problem = await #expect(throws: Problem.self) {
      try await CatalogFetcher(RemoteConnector(allowInsecure: false)).fetch(url)
    }
    let reasons = ["plain http", "is not public", "URL"]
    #expect(reasons.contains { problem?.message.contains($0) == true })
    #expect(url == "s3cret?" || problem?.description.contains("s3cret") == false)
  }

  @Test func oneBadAddressAmongGoodOnesIsEnough() async throws {
    let connector = RemoteConnector(
      allowsPlainHTTP: false, objection: AddressGuard.objection(to:),
      resolver: TableResolver(table: ["mixed.example": ["8.8.8.8", "192.168.0.1"]]))
    let problem = await #expect(throws: Problem.self) {
      try await CatalogFetcher(connector).fetch("https://mixed.example/c.yaml")
    }
    #expect(problem?.message.contains("192.168.0.1 is private") == true)
  }

  @Test func theCheckedAddressIsTheOneConnectedTo() async throws {
    let server = try await ScriptedServer { try await $1.answer(type: nil, "here") }
    defer { server.stop() }
    // Nothing listens on 127.0.0.9: the next address is tried. No resolver knows the name.
    let connector = RemoteConnector.refusing([], ["pinned.example": ["127.0.0.9", "127.0.0.1"]])
    let url = "http://Pinned.example:\(server.port)/c"
    let bytes = try await Self.fetcher(connector).fetch(url)
    #expect(String(decoding: bytes, as: UTF8.self) == "here")
    #expect(server.requests.first?.headers["host"] == "pinned.example:\(server.port)")
  }
}
