import Glibc
import NIOCore
import NIOPosix
import Synchronization

/// In a listener's pipeline: notes why it closes if nobody asked for it.
final class ListenerWatch: ChannelInboundHandler, Sendable {
  typealias InboundIn = any Channel

  /// After these NIO keeps a listener open: a client that left, or a lack that passes.
  private static var passing: [CInt] { [ECONNABORTED, EMFILE, ENFILE, ENOBUFS, ENOMEM] }

  private let failure = Mutex<(any Error)?>(nil)

  var error: (any Error)? { failure.withLock { $0 } }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if let error = error as? IOError, Self.passing.contains(error.errnoCode) { return }
    failure.withLock { $0 = $0 ?? error }
  }
}
