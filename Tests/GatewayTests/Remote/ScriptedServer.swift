import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

@testable import Gateway

/// An HTTP/1.1 server on loopback that answers each request with exactly the bytes a test writes,
/// right or wrong.
final class ScriptedServer: Sendable {
  struct Request: Sendable {
    let method: String
    let target: String
    let headers: [String: String]
    let body: String
  }

  /// What a script writes to.
  struct Peer: Sendable {
    let channel: any Channel

    /// Returns when the bytes are in the socket: what is written before a cut arrives.
    func write(_ text: String) async throws {
      try await channel.writeAndFlush(ByteBuffer(string: text)).get()
    }

    func answer(
      _ status: String = "200 OK", _ headers: [String] = [], type: String? = "application/json",
      _ body: String = ""
    ) async throws {
      let all =
        ["HTTP/1.1 \(status)", "Content-Length: \(body.utf8.count)"] + headers
        + (type.map { ["Content-Type: \($0)"] } ?? [])
      try await write(all.joined(separator: "\r\n") + "\r\n\r\n" + body)
    }

    func beginEvents(_ headers: [String] = []) async throws {
      try await write(
        (["HTTP/1.1 200 OK", "Content-Type: text/event-stream", "Transfer-Encoding: chunked"]
          + headers).joined(separator: "\r\n") + "\r\n\r\n")
    }

    func chunk(_ text: String) async throws {
      try await write("\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n")
    }

    func endChunks() async throws { try await write("0\r\n\r\n") }

    /// Ends the connection without ending the response.
    func cut() { channel.close(promise: nil) }
  }

  typealias Script = @Sendable (Request, Peer) async throws -> Void
  private typealias Connection = NIOAsyncChannel<ByteBuffer, ByteBuffer>

  let port: Int
  private let listener: any Channel
  private let seen: Recorder

  /// Requests in the order in which they came.
  var requests: [Request] { seen.requests.withLock { $0 } }

  private final class Recorder: Sendable { let requests = Mutex<[Request]>([]) }

  /// - Parameter socket: the path of a Unix socket to listen on instead of a port.
  init(
    tls: NIOSSLContext? = nil, socket: String? = nil, _ script: @escaping Script
  ) async throws {
    let accepted = AcceptedConnections<ByteBuffer, ByteBuffer>()
    let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .serverChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(AcceptedConnectionsEnd(accepted))
        }
      }
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          if let tls {
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls))
          }
          accepted.put(try Connection(wrappingChannelSynchronously: channel))
        }
      }
    let listener =
      if let socket {
        try await bootstrap.bind(unixDomainSocketPath: socket).get()
      } else {
        try await bootstrap.bind(host: "127.0.0.1", port: 0).get()
      }
    port = listener.localAddress?.port ?? 0
    let seen = Recorder()
    self.seen = seen
    self.listener = listener
    Task {
      await withTaskGroup { group in
        for await connection in accepted.stream {
          group.addTask { try? await Self.serve(connection, script, seen) }
        }
        group.cancelAll()
      }
    }
  }

  /// Ends the listener and every script.
  func stop() { listener.close(promise: nil) }

  private static func serve(
    _ connection: Connection, _ script: @escaping Script, _ seen: Recorder
  ) async throws {
    try await connection.executeThenClose { inbound, _ in
      let peer = Peer(channel: connection.channel)
      var received = ""
      for try await buffer in inbound {
        received += String(buffer: buffer)
        while let request = take(&received) {
          seen.requests.withLock { $0.append(request) }
          try await script(request, peer)
        }
      }
    }
  }

  private static func take(_ text: inout String) -> Request? {
    // A CRLF is one Character: UTF-8 has to be cut by bytes.
    var bytes = Array(text.utf8)
    let mark = Array("\r\n\r\n".utf8)
    guard let end = bytes.indices.first(where: { bytes[$0...].starts(with: mark) }) else {
      return nil
    }
    let lines = String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\r\n")
    let words = lines[0].split(separator: " ")
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      let name = line.prefix { $0 != ":" }
      headers[name.lowercased()] = line.dropFirst(name.count + 1).drop { $0 == " " }.description
    }
    let length = headers["content-length"].flatMap { Int($0) } ?? 0
    guard bytes.count >= end + 4 + length else { return nil }
    let body = String(decoding: bytes[(end + 4)..<(end + 4 + length)], as: UTF8.self)
    bytes.removeFirst(end + 4 + length)
    text = String(decoding: bytes, as: UTF8.self)
    return Request(method: String(words[0]), target: String(words[1]), headers: headers, body: body)
  }
}
