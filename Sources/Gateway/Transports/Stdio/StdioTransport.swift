import Glibc
import NIOCore
import NIOPosix
import Wire

/// Serves one client over standard input and output, one message a line.
///
/// Works with pipes, files, terminals and `/dev/null`. Nothing but messages is written to the
/// output.
public struct StdioTransport: Sendable {
  /// Why a connection is over.
  public enum Ending: Sendable, Hashable {
    /// The client closed our input: the usual end.
    case endOfInput
    /// The client does not read any more.
    case clientGone
    /// The task that ran the transport was cancelled.
    case cancelled
    /// Reading or writing failed, for example because a disk is full.
    case failed(Problem)
  }

  /// Longest message in bytes.
  public var messageLimit = JSONLimits.fromClient.maximumBytes
  /// Requests that run at the same time; more wait their turn.
  public var runningLimit = 64
  /// Requests that may wait; one more is answered with an error.
  public var waitingLimit = 1024
  /// How long requests in flight may go on after the end of the input. A client that closes our
  /// input wants us to exit. A file, by contrast, ends long before its requests are answered, so
  /// they have all the time their own limits give them.
  public var grace = Duration.seconds(5)

  /// Where calls run; nil: on the cooperative threads.
  var executor: LoopExecutor?

  private let input: Int32
  private let output: Int32

  public init(input: Int32 = 0, output: Int32 = 1) {
    self.input = input
    self.output = output
  }

  /// Serves `session` until the client ends, then ends the session. Cancelling the task ends it at
  /// once.
  public func run(_ session: any ClientSession) async -> Ending {
    // A client that is gone is an error of `write` (EPIPE), not the end of the process.
    _ = signal(SIGPIPE, SIG_IGN)
    let kind = DescriptorKind(input)
    let loop = executor?.loop ?? MultiThreadedEventLoopGroup.singleton.any()
    let reader: any StdioInput = LoopInput(input, kind, on: loop) ?? ThreadInput(input)
    let writer = LineWriter(output) { _ in reader.stop() }
    let calls = StdioCalls(
      limits: .init(running: runningLimit, waiting: waitingLimit), executor: executor)
    let backlog = AnswerBacklog()
    let intake = StdioIntake(
      session: session, writer: writer, calls: calls, backlog: backlog,
      messageLimit: messageLimit, waitsForRoom: kind == .regularFile)
    let unsolicited = Task {
      for await message in session.unsolicited { await writer.write(message.encoded) }
    }
    let ending = await withTaskCancellationHandler {
      await reader.read(lineLimit: messageLimit, backlog: backlog, intake.take)
    } onCancel: {
      reader.stop()
      calls.end()
      writer.abandon()
    }
    if ending == .endOfInput {
      await finish(calls, hasAllTime: kind == .regularFile)
    }
    calls.end()
    unsolicited.cancel()
    await session.end()
    let closure = writer.closure
    writer.abandon()
    await writer.settle()
    return outcome(ending, closure)
  }

  private func finish(_ calls: StdioCalls, hasAllTime: Bool) async {
    await withTaskCancellationHandler {
      if hasAllTime {
        await calls.idle()
      } else {
        await waiting(atMost: grace) { await calls.idle() }
      }
    } onCancel: {
      calls.end()
    }
  }

  private func outcome(_ ending: InputEnding, _ closure: LineWriter.Closure?) -> Ending {
    switch (closure, ending) {
    case (.readerGone, _): .clientGone
    case (.failed(let code), _): .failed(Self.problem("standard output", "written", code))
    case (.abandoned, _), (nil, .stopped): .cancelled
    case (nil, .failed(let code)): .failed(Self.problem("standard input", "read", code))
    case (nil, .endOfInput): Task.isCancelled ? .cancelled : .endOfInput
    }
  }

  private static func problem(_ source: String, _ verb: String, _ code: Int32) -> Problem {
    Problem(source: source, "cannot be \(verb): \(unsafe String(cString: strerror(code)))")
  }
}
