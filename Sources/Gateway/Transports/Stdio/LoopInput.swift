import Glibc
import NIOCore
import NIOPosix
import Synchronization

/// Reads a pipe or a socket on an event loop: a call then changes no thread between its client and
/// its server.
final class LoopInput: StdioInput {
  private struct State {
    var channel: (any Channel)?
    var isStopped = false
  }

  private let descriptor: Int32
  private let kind: DescriptorKind
  private let loop: any EventLoop
  private let state = Mutex(State())

  /// Nil for what NIO cannot read: it refuses regular files and aborts on `/dev/null`.
  init?(_ descriptor: Int32, _ kind: DescriptorKind, on loop: any EventLoop) {
    switch kind {
    case .pipe, .socket: break
    case .regularFile, .other: return nil
    }
    self.descriptor = descriptor
    self.kind = kind
    self.loop = loop
  }

  func read(
    lineLimit: Int, backlog: AnswerBacklog, _ take: @escaping @Sendable (LineSplitter.Line) -> Void
  ) async -> InputEnding {
    let copy = open()
    guard copy >= 0 else { return .failed(errno: errno) }
    let ending = loop.makePromise(of: InputEnding.self)
    do {
      let channel = try await NIOPipeBootstrap(group: loop)
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(
              LineHandler(LineSplitter(limit: lineLimit), backlog, ending, take))
          }
        }
        .takingOwnershipOfDescriptor(input: copy).get()
      begin(channel)
      return try await ending.futureResult.get()
    } catch {
      close(copy)
      let code = (error as? IOError)?.errnoCode ?? EIO
      ending.succeed(.failed(errno: code))
      return .failed(errno: code)
    }
  }

  func stop() {
    let channel = state.withLock { state in
      state.isStopped = true
      return state.channel
    }
    channel?.close(promise: nil)
  }

  private func begin(_ channel: any Channel) {
    let isStopped = state.withLock { state in
      state.channel = channel
      return state.isStopped
    }
    if isStopped { channel.close(promise: nil) }
  }

  /// NIO reads without blocking. That is a property of the open file, which a pipe's other users
  /// may share, so a pipe is opened anew; a socket has no such way, and its end is ours alone.
  private func open() -> Int32 {
    if kind == .pipe {
      let fresh = unsafe Glibc.open(
        "/proc/self/fd/\(descriptor)", O_RDONLY | O_CLOEXEC | O_NONBLOCK)
      if fresh >= 0 { return fresh }
    }
    return fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
  }
}

/// Hands on the lines, and holds back reading while the client does not read its answers.
private final class LineHandler: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = Never

  private var splitter: LineSplitter
  private let backlog: AnswerBacklog
  private let ending: EventLoopPromise<InputEnding>
  private let take: @Sendable (LineSplitter.Line) -> Void
  private var isOver = false

  init(
    _ splitter: LineSplitter, _ backlog: AnswerBacklog, _ ending: EventLoopPromise<InputEnding>,
    _ take: @escaping @Sendable (LineSplitter.Line) -> Void
  ) {
    self.splitter = splitter
    self.backlog = backlog
    self.ending = ending
    self.take = take
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    splitter.take(Array(unwrapInboundIn(data).readableBytesView)[...], take)
  }

  func read(context: ChannelHandlerContext) {
    let channel = context.channel
    if backlog.isLow(orThen: { channel.read() }) { context.read() }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case ChannelEvent.inputClosed? = event as? ChannelEvent { finish() }
    context.fireUserInboundEventTriggered(event)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    ending.succeed(.failed(errno: (error as? IOError)?.errnoCode ?? EIO))
    close(context: context, mode: .all, promise: nil)
  }

  func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
    // NIO closes the half that an input does not have when it begins.
    if mode != .output { isOver = true }
    context.close(mode: mode, promise: promise)
  }

  func channelInactive(context: ChannelHandlerContext) {
    finish()
    context.fireChannelInactive()
  }

  /// The input ended by itself, which a pipe tells before it closes.
  private func finish() {
    guard !isOver else { return }
    isOver = true
    splitter.finish(take)
    ending.succeed(.endOfInput)
  }

  /// The last that happens to it, also when we closed it.
  func handlerRemoved(context: ChannelHandlerContext) { ending.succeed(.stopped) }
}
