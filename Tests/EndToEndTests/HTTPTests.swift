import Testing

/// Who may talk to a listening gateway.
@Suite struct HTTPTests {
  private static let hello =
    #"{"jsonrpc":"2.0","id":1,"method":"initialize","params":"#
    + RawSession.initializeParameters.text + "}"
  private static let json = "Content-Type: application/json"
  private static let accept = "Accept: application/json, text/event-stream"
  private static let authorization = "Authorization: Bearer \(HTTPGateway.token)"

  private func status(_ gateway: HTTPGateway, _ headers: String...) async throws -> Int {
    let all = [Self.json, Self.accept] + headers
    let output = try await Machine.output(
      of: [
        "curl", "--silent", "--max-time", "10", "--output", "/dev/null", "--write-out",
        "%{http_code}", "--data", Self.hello, gateway.url,
      ] + all.flatMap { ["--header", $0] })
    return Int(output) ?? 0
  }

  @Test func onlyTheTokenOpensTheDoor() async throws {
    try await withSandbox { sandbox in
      try sandbox.serve(.plain(sandbox.name("plain"), tools: 1))
      let gateway = try await sandbox.listen(.streaming)
      #expect(try await status(gateway) == 401)
      #expect(try await status(gateway, "Authorization: Bearer wrong") == 401)
      #expect(try await status(gateway, Self.authorization) == 200)
      #expect(try await status(gateway, Self.authorization, "Origin: http://localhost:3000") == 200)
      #expect(try await status(gateway, Self.authorization, "Origin: https://evil.example") == 403)
      #expect(try await status(gateway, Self.authorization, "Host: evil.example") == 403)
      #expect(try await gateway.curl(path: "/health").status == 200)
    }
  }

  @Test func aTokenIsMadeWhenNoneIsGiven() async throws {
    try await withSandbox { sandbox in
      try sandbox.serve(.plain(sandbox.name("plain"), tools: 1))
      let port = try Machine.freePort()
      let process = try sandbox.gateway([
        "gateway", "run", "--transport", "streaming", "--port", "\(port)",
      ])
      let gateway = HTTPGateway(process: process, port: port, transport: .streaming)
      try await gateway.waitUntilHealthy()
      #expect(try await status(gateway) == 401)
      let words = process.errors.split { $0.isWhitespace || $0 == "\"" }.map(String.init)
      let candidates = Set(words.filter { $0.count >= 32 && $0.allSatisfy { $0.isASCII } })
      var opened = false
      for word in candidates where !opened {
        opened = try await status(gateway, "Authorization: Bearer \(word)") == 200
      }
      #expect(opened, "no token in: \(process.errors)")
    }
  }

  @Test func onlyLoopbackIsListenedOn() async throws {
    try await withSandbox { sandbox in
      try sandbox.serve(.plain(sandbox.name("plain"), tools: 1))
      let gateway = try await sandbox.listen(.sse)
      let listening = try await Machine.output(of: ["cat", "/proc/net/tcp", "/proc/net/tcp6"])
      let digits = String(gateway.port, radix: 16, uppercase: true)
      let port = ":" + String(repeating: "0", count: 4 - digits.count) + digits
      var addresses: [Substring] = []
      for line in listening.split(separator: "\n") {
        let fields = line.split(separator: " ")
        guard fields.count > 3, fields[3] == "0A", fields[1].hasSuffix(port) else { continue }
        addresses.append(fields[1])
      }
      #expect(addresses == [Substring("0100007F\(port)")])
    }
  }
}
