import Testing
import Wire

@testable import Gateway

@Suite(.timeLimit(.minutes(2))) struct SSEChannelTests {
  private static func open(_ server: ScriptedServer) async throws -> SSEChannel {
    let url = try RemoteURL("http://127.0.0.1:\(server.port)/sse")
    let headers = try RemoteHeaders(["X-Key": "s3cret"], source: "test")
    return try await SSEChannel.open(
      RemoteServer(name: "weather", url: url, headers: headers), through: .toLoopback)
  }

  @Test func messagesGoToTheEndpointAndComeBackOnTheStream() async throws {
    let streams = AsyncStream<ScriptedServer.Peer>.makeStream()
    let server = try await ScriptedServer { request, peer in
      if request.method == "GET" {
        try await peer.beginEvents()
        try await peer.chunk("event: endpoint\ndata: /messages?id=1\n\n")
        streams.continuation.yield(peer)
      } else {
        #expect(request.target == "/messages?id=1")
        #expect(request.headers["x-key"] == "s3cret")
        try await peer.answer("202 Accepted", type: nil, "Accepted")
        for await stream in streams.stream {
          try await stream.chunk("event: message\ndata: \(request.body)\n\n")
          streams.continuation.yield(stream)
          break
        }
      }
    }
    defer { server.stop() }
    let channel = try await Self.open(server)
    var messages = channel.incoming.makeAsyncIterator()
    for id in 1...3 {
      try await channel.send(request(id, "ping"))
      #expect(try await messages.next()?.bytes == request(id, "ping"))
    }
    await channel.close()
    await #expect(throws: Fault.self) { try await channel.send(request(4, "ping")) }
  }

  @Test(arguments: [
    "http://10.0.0.1/m", "//evil.example/m", "https://127.0.0.1/m", "http://127.0.0.1:1/m",
    "http://user@127.0.0.1/m", "file:///m",
  ])
  func anEndpointOnAnotherOriginIsRefused(_ endpoint: String) async throws {
    let server = try await ScriptedServer { _, peer in
      try await peer.beginEvents()
      try await peer.chunk("event: endpoint\ndata: \(endpoint)\n\n")
    }
    defer { server.stop() }
    let fault = await #expect(throws: Fault.self) { try await Self.open(server) }
    #expect(fault?.kind == .protocolViolation)
  }

  @Test func aSecondEndpointEndsTheChannel() async throws {
    let isOpen = Gate()
    let server = try await ScriptedServer { _, peer in
      try await peer.beginEvents()
      try await peer.chunk("event: endpoint\ndata: /a\n\n")
      await isOpen.pass()
      try await peer.chunk("event: endpoint\ndata: /b\n\n")
    }
    defer { server.stop() }
    let channel = try await Self.open(server)
    isOpen.open()
    let fault = await #expect(throws: Fault.self) { for try await _ in channel.incoming {} }
    #expect(fault?.kind == .protocolViolation)
    await channel.close()
  }

  @Test(arguments: ["404 Not Found", "401 Unauthorized", "302 Found"])
  func aBadStatusFailsOpening(_ status: String) async throws {
    let server = try await ScriptedServer { try await $1.answer(status, type: nil) }
    defer { server.stop() }
    let fault = await #expect(throws: Fault.self) { try await Self.open(server) }
    #expect(fault?.message.contains(status.prefix(3)) == true)
  }

  @Test func aPageInsteadOfAStreamFailsOpening() async throws {
    let server = try await ScriptedServer { try await $1.answer(type: "text/html", "<html>") }
    defer { server.stop() }
    let fault = await #expect(throws: Fault.self) { try await Self.open(server) }
    #expect(fault?.kind == .protocolViolation)
  }

  @Test func aStreamThatEndsBeforeItsEndpointFailsOpening() async throws {
    let server = try await ScriptedServer { _, peer in
      try await peer.beginEvents()
      try await peer.chunk(": hello\n\n")
      try await peer.endChunks()
    }
    defer { server.stop() }
    await #expect(throws: Fault.self) { try await Self.open(server) }
  }

  @Test func aCutStreamEndsTheChannel() async throws {
    let isOpen = Gate()
    let server = try await ScriptedServer { _, peer in
      try await peer.beginEvents()
      try await peer.chunk("event: endpoint\ndata: /a\n\n")
      await isOpen.pass()
      peer.cut()
    }
    defer { server.stop() }
    let channel = try await Self.open(server)
    isOpen.open()
    await #expect(throws: Fault.self) { for try await _ in channel.incoming {} }
    await #expect(throws: Fault.self) { try await channel.send(request(1, "ping")) }
    await channel.close()
  }

  @Test(arguments: [
    ("404 Not Found", Fault.Kind.serverGone), ("500 Internal Server Error", .remote),
  ])
  func aRefusedMessageThrows(_ status: String, _ kind: Fault.Kind) async throws {
    let server = try await ScriptedServer { request, peer in
      guard request.method == "GET" else { return try await peer.answer(status, type: nil) }
      try await peer.beginEvents()
      try await peer.chunk("event: endpoint\ndata: a?x\n\n")
    }
    defer { server.stop() }
    let channel = try await Self.open(server)
    let fault = await #expect(throws: Fault.self) { try await channel.send(request(1, "ping")) }
    #expect(fault?.kind == kind)
    await channel.close()
  }
}
