import Foundation
import Logging
import NIOCore
import NIOPosix
import Synchronization

@testable import ContainerEngine

/// An engine that answers what a test tells it to, byte for byte, on a Unix socket of its own.
final class FakeEngine: Sendable {
  enum Step: Sendable {
    case send(String)
    case bytes([UInt8])
    case pause(Duration)
    /// Goes on when the client sends something after its request.
    case awaitInput
    /// The connection ends; without it, it stays open.
    case close
  }

  let path: String
  private let channel: any Channel
  private let seen = Mutex<[String]>([])

  /// The heads of the requests so far, each with what came of its body in the same packets.
  var requests: [String] { seen.withLock { $0 } }

  var engine: Engine { Engine(.unix(path: path), logger: Logger(label: "test")) }

  static let pong = "HTTP/1.1 200 OK\r\nApi-Version: 1.43\r\nContent-Length: 2\r\n\r\nOK"

  /// - Parameter answer: by the request line; `/_ping` is answered unless it gives steps for it.
  init(_ answer: @escaping @Sendable (String) -> [Step]) async throws {
    path = "/tmp/fake-engine-\(UInt32.random(in: 0 ... .max)).sock"
    let record = Recorder()
    channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { child in
        child.eventLoop.makeCompletedFuture {
          try child.pipeline.syncOperations.addHandler(Handler(answer, record))
        }
      }
      .bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true).get()
    record.sink.withLock { $0 = { [weak self] text in self?.seen.withLock { $0.append(text) } } }
  }

  /// Runs `body` with an engine that answers this after the ping.
  static func with<Value>(
    _ steps: Step..., body: (FakeEngine) async throws -> Value
  ) async throws -> Value {
    let fake = try await FakeEngine { line in line.contains("/_ping") ? [] : steps }
    do {
      let value = try await body(fake)
      await fake.stop()
      return value
    } catch {
      await fake.stop()
      throw error
    }
  }

  func stop() async {
    try? await channel.close()
    try? FileManager.default.removeItem(atPath: path)
  }

  static func answer(_ status: String, _ body: String) -> Step {
    .send("HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
  }

  private final class Recorder: Sendable {
    let sink = Mutex<@Sendable (String) -> Void>({ _ in })
  }

  private final class Handler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let answer: @Sendable (String) -> [Step]
    private let record: Recorder
    private var text = ""
    private var isAnswered = false
    private var waiting: ArraySlice<Step> = []

    init(_ answer: @escaping @Sendable (String) -> [Step], _ record: Recorder) {
      self.answer = answer
      self.record = record
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      guard !isAnswered else {
        let steps = waiting
        waiting = []
        return run(steps, context)
      }
      text += String(buffer: unwrapInboundIn(data))
      guard text.contains("\r\n\r\n") else { return }
      isAnswered = true
      record.sink.withLock { $0 }(text)
      let line = text.components(separatedBy: "\r\n")[0]
      var steps = answer(line)
      if steps.isEmpty, line.contains("/_ping") { steps = [.send(FakeEngine.pong), .close] }
      run(steps[...], context)
    }

    private func run(_ steps: ArraySlice<Step>, _ context: ChannelHandlerContext) {
      guard let step = steps.first else { return }
      let rest = steps.dropFirst()
      switch step {
      case .send(let text):
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
      case .bytes(let bytes):
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
      case .awaitInput:
        waiting = rest
        return
      case .close: return context.close(promise: nil)
      case .pause(let duration):
        let loop = context.eventLoop.assumeIsolated()
        loop.scheduleTask(in: TimeAmount(duration)) { self.run(rest, context) }
        return
      }
      run(rest, context)
    }
  }
}
