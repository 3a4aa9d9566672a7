import Testing

@testable import Gateway
@testable import Signatures

/// How requests of the verification get out: bounded in size and time, and never to a neighbour that a
/// stranger named.
struct RegistryTransportTests {
  private static func request(
    _ url: String, reach: WebRequest.Reach = .anywhere, limit: Int = 1_000,
    within time: Duration = .seconds(20)
  ) -> WebRequest {
    WebRequest(url, reach: reach, maximumBytes: limit, deadline: Deadline(after: time))
  }

  private static func failure(_ request: WebRequest) async -> WebFailure.Kind? {
    let transport = RegistryTransport()
    defer { Task { await transport.close() } }
    do {
      _ = try await transport.send(request)
      return nil
    } catch { return error.kind }
  }

  @Test func theWholeAnswerIsGivenWhateverItsStatus() async throws {
    let server = try await ScriptedServer { request, peer in
      request.target == "/v2/"
        ? try await peer.answer("401 Unauthorized", ["WWW-Authenticate: Basic"], "{}")
        : try await peer.answer("302 Found", ["Location: /v2/"], "moved")
    }
    let transport = RegistryTransport()
    var asked = Self.request("http://127.0.0.1:\(server.port)/v2/")
    asked.headers = [(name: "Authorization", value: "Basic x")]
    let answer = try await transport.send(asked)
    #expect(answer.status == 401 && answer.body == Array("{}".utf8) && !answer.isPublic)
    #expect(answer.headers.contains { $0.name == "WWW-Authenticate" && $0.value == "Basic" })
    #expect(server.requests.first?.headers["authorization"] == "Basic x")
    // Following is for who asks.
    let moved = try await transport.send(Self.request("http://127.0.0.1:\(server.port)/x"))
    #expect(moved.status == 302 && server.requests.count == 2)
    await transport.close()
  }

  @Test func aHostThatAStrangerNamedMustBePublic() async throws {
    let server = try await ScriptedServer { _, peer in try await peer.answer() }
    for host in [
      "127.0.0.1:\(server.port)", "localhost:\(server.port)", "169.254.169.254", "[::1]",
    ] {
      let kind = await Self.failure(Self.request("http://\(host)/", reach: .publicAddresses))
      #expect(kind == .forbidden, "\(host)")
    }
    #expect(server.requests.isEmpty)
  }

  @Test func aServerThatHangsIsLeftAtTheDeadline() async throws {
    let server = try await ScriptedServer { request, peer in
      if request.target == "/body" {
        try await peer.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nslow")
      }
      try await Task.sleep(for: .seconds(60))
    }
    for path in ["/head", "/body"] {
      let start = ContinuousClock.now
      let kind = await Self.failure(
        Self.request("http://127.0.0.1:\(server.port)\(path)", within: .milliseconds(400)))
      #expect(kind == .timeout, "\(path)")
      #expect(ContinuousClock.now - start < .seconds(20))
    }
  }

  @Test func aBodyThatIsCutOffOrTooLargeIsNoAnswer() async throws {
    let server = try await ScriptedServer { request, peer in
      switch request.target {
      case "/cut":
        try await peer.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort")
        peer.cut()
      case "/large": try await peer.answer("200 OK", [], String(repeating: "x", count: 1_001))
      case "/encoded": try await peer.answer("200 OK", ["Content-Encoding: gzip"], "x")
      default: peer.cut()
      }
    }
    let base = "http://127.0.0.1:\(server.port)"
    #expect(await Self.failure(Self.request("\(base)/cut")) == .cutShort)
    #expect(await Self.failure(Self.request("\(base)/large")) == .tooLarge)
    #expect(await Self.failure(Self.request("\(base)/encoded")) == .cutShort)
    #expect(await Self.failure(Self.request("\(base)/closed")) == .cutShort)
  }

  @Test func whatIsNotThereIsUnreachable() async {
    #expect(await Self.failure(Self.request("http://127.0.0.1:1/")) == .unreachable)
    #expect(await Self.failure(Self.request("https://127.0.0.1:1/")) == .unreachable)
    #expect(await Self.failure(Self.request("nonsense")) == .forbidden)
  }

  @Test func plainTextWhereTLSIsExpectedIsUnreachable() async throws {
    let server = try await ScriptedServer { _, peer in try await peer.answer() }
    #expect(
      await Self.failure(Self.request("https://127.0.0.1:\(server.port)/")) == .unreachable)
  }
}
