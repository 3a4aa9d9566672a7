import HTTPSyntax
import HTTPTypes
import NIOCore

/// One request and the way to answer it, for the task that serves it. What it does happens on the
/// connection's event loop, on which that task runs as well.
final class HTTPExchange: Sendable {
  /// Why there is no body.
  enum BodyFailure: Error { case tooLarge, gone }
  /// The client is gone, or the connection was ended.
  struct Gone: Error {}

  let head: RequestHead
  let channel: any Channel
  private let connection: NIOLoopBound<HTTPConnection>

  init(_ head: RequestHead, _ connection: HTTPConnection, _ channel: any Channel) {
    self.head = head
    self.channel = channel
    self.connection = NIOLoopBound(connection, eventLoop: channel.eventLoop)
  }

  /// The client has shown who it is: its connection is not a stranger's any more.
  func isKnown() { onLoop { $0.isKnown = true } }

  /// The whole body. The client is told to go on where it waits for that.
  func body(upTo limit: Int) async throws(BodyFailure) -> [UInt8] {
    let result = await withCheckedContinuation { continuation in
      onLoop { $0.collectBody(upTo: limit) { continuation.resume(returning: $0) } }
    }
    return try result.get()
  }

  /// Gives a whole answer.
  func answer(_ response: HTTPResponse, _ body: ByteBuffer? = nil) {
    onLoop { $0.answer(response, body) }
  }

  /// Begins an answer of unknown length.
  func begin(_ response: HTTPResponse) { onLoop { $0.begin(response) } }

  /// Sends a piece of it; waits while the client does not read.
  func write(_ piece: ByteBuffer) async throws(Gone) {
    let isWritten = await withCheckedContinuation { continuation in
      onLoop { $0.write(piece) { continuation.resume(returning: $0) } }
    }
    if !isWritten { throw Gone() }
  }

  /// Ends it.
  func finish() { onLoop { $0.finish() } }

  /// `tell` is called on the event loop if the connection closes before the answer is complete; at
  /// once if it is closed already.
  func whenGone(_ tell: @escaping @Sendable () -> Void) { onLoop { $0.whenGone(tell) } }

  /// The task that serves this request is over.
  func isServed() { onLoop { $0.isServed() } }

  private func onLoop(_ work: @escaping @Sendable (HTTPConnection) -> Void) {
    let loop = channel.eventLoop
    if loop.inEventLoop { return work(connection.value) }
    loop.execute { [connection] in work(connection.value) }
  }
}
