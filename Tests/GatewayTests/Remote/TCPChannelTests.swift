import NIOCore
import NIOPosix
import Testing
import Wire

@testable import Gateway

@Suite(.timeLimit(.minutes(2))) struct TCPChannelTests {
  private typealias Connection = NIOAsyncChannel<ByteBuffer, ByteBuffer>
  typealias Inbound = NIOAsyncChannelInboundStream<ByteBuffer>

  /// Writes to the socket itself: the async writer takes megabytes before the event loop sees one.
  struct Outbound: Sendable {
    let channel: any Channel

    func write(_ buffer: ByteBuffer) async throws {
      try await channel.writeAndFlush(buffer).get()
    }
  }

  /// A channel to a server that does `work` on its one connection.
  private static func channel(
    _ work: @escaping @Sendable (Inbound, Outbound) async throws -> Void
  ) async throws -> TCPChannel {
    let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .bind(host: "127.0.0.1", port: 0) { channel in
        channel.eventLoop.makeCompletedFuture {
          try Connection(
            wrappingChannelSynchronously: channel,
            configuration: .init(isOutboundHalfClosureEnabled: true))
        }
      }
    let port = try #require(listener.channel.localAddress?.port)
    Task {
      try await listener.executeThenClose { connections in
        for try await connection in connections {
          return try await connection.executeThenClose { inbound, _ in
            try await work(inbound, Outbound(channel: connection.channel))
          }
        }
      }
    }
    return try await TCPChannel.connect(server: "time", host: "127.0.0.1", port: port)
  }

  @Test func linesGoBothWays() async throws {
    let channel = try await Self.channel { inbound, outbound in
      for try await buffer in inbound { try await outbound.write(buffer) }
    }
    var messages = channel.incoming.makeAsyncIterator()
    for number in 0..<100 {
      let text = Array("{\"n\":\(number)}".utf8)
      try await channel.send(text)
      #expect(try await messages.next()?.bytes == text)
    }
    await channel.close()
    #expect(try await messages.next() == nil)
    await #expect(throws: Fault.self) { try await channel.send([1]) }
  }

  @Test func linesAreFoundInAnyChunks() async throws {
    let channel = try await Self.channel { _, outbound in
      for part in ["{\"a\"", ":1}\r", "\n\n\r\n{}\n{", "}\n"] {
        try await outbound.write(ByteBuffer(string: part))
        try await Task.sleep(for: .milliseconds(30))
      }
    }
    var lines: [String] = []
    for try await line in channel.incoming {
      lines.append(String(decoding: line.bytes, as: UTF8.self))
    }
    #expect(lines == ["{\"a\":1}", "{}", "{}"])
    await channel.close()
  }

  @Test func anEndWithinALineIsAFault() async throws {
    let channel = try await Self.channel { _, outbound in
      try await outbound.write(ByteBuffer(string: "{}\n{\"a"))
    }
    let fault = await #expect(throws: Fault.self) { for try await _ in channel.incoming {} }
    #expect(fault?.kind == .serverGone && fault?.message.contains("time") == true)
    #expect(await channel.diagnosis().contains("within a message"))
    await channel.close()
  }

  @Test func aLineWithoutEndIsCutOff() async throws {
    let channel = try await Self.channel { _, outbound in
      let block = ByteBuffer(repeating: 0x61, count: 1 << 20)
      for _ in 0..<40 { try await outbound.write(block) }
    }
    let fault = await #expect(throws: Fault.self) { for try await _ in channel.incoming {} }
    #expect(fault?.kind == .tooLarge)
    await channel.close()
  }

  @Test func nothingIsReadAheadOfTheConsumer() async throws {
    let written = Counter()
    let channel = try await Self.channel { _, outbound in
      let line = ByteBuffer(string: String(repeating: "a", count: 1 << 20) + "\n")
      for _ in 0..<200 {
        try await outbound.write(line)
        written.add()
      }
    }
    try await Task.sleep(for: .seconds(1))
    #expect(written.value < 40)
    await channel.close()
  }

  @Test func closingEndsTheServersInputFirst() async throws {
    let ended = Counter()
    let channel = try await Self.channel { inbound, outbound in
      for try await _ in inbound {}
      ended.add()
      try await outbound.write(ByteBuffer(string: "bye\n"))
    }
    try await channel.send([0x61])
    await channel.close()
    #expect(ended.value == 1)
  }

  @Test func aServerThatDoesNotEndIsDisconnected() async throws {
    let channel = try await Self.channel { _, _ in try await Task.sleep(for: .seconds(30)) }
    let start = ContinuousClock.now
    await channel.close()
    #expect(ContinuousClock.now - start < .seconds(10))
  }

  @Test func aServerThatDoesNotReadMakesSendWait() async throws {
    let channel = try await Self.channel { _, _ in try await Task.sleep(for: .seconds(30)) }
    let sent = Counter()
    let sender = Task {
      for _ in 0..<200 {
        try await channel.send(Array(repeating: 0x61, count: 1 << 20))
        sent.add()
      }
    }
    try await Task.sleep(for: .seconds(1))
    let early = sent.value
    try await Task.sleep(for: .milliseconds(500))
    #expect(early < 200 && sent.value == early)
    await channel.close()
    await #expect(throws: (any Error).self) { try await sender.value }
  }

  @Test func nobodyThereIsAFault() async throws {
    let fault = await #expect(throws: Fault.self) {
      try await TCPChannel.connect(server: "time", host: "127.0.0.1", port: 1)
    }
    #expect(fault?.kind == .serverStart && fault?.message.contains("time") == true)
  }
}
