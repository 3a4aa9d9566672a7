import Dispatch
import Glibc

/// Reads a descriptor of any kind to its end on a thread of its own: files, terminals, `/dev/null`.
/// `gateway run < session.jsonl` has to work.
final class ThreadInput: StdioInput {
  private let descriptor: Int32
  private let stopping = WakePipe()

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  func read(
    lineLimit: Int, backlog: AnswerBacklog, _ take: @escaping @Sendable (LineSplitter.Line) -> Void
  ) async -> InputEnding {
    await withCheckedContinuation { continuation in
      DispatchQueue(label: "gateway.stdio.reader").async {
        continuation.resume(returning: self.readAll(lineLimit, backlog, take))
      }
    }
  }

  func stop() { stopping.wake() }

  private func readAll(
    _ lineLimit: Int, _ backlog: AnswerBacklog, _ take: (LineSplitter.Line) -> Void
  ) -> InputEnding {
    var splitter = LineSplitter(limit: lineLimit)
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      guard waitForInput() else { return .stopped }
      let count = unsafe buffer.withUnsafeMutableBytes {
        unsafe Glibc.read(descriptor, $0.baseAddress, $0.count)
      }
      if count > 0 {
        splitter.take(buffer[..<count], take)
        wait(for: backlog)
      } else if count == 0 {
        splitter.finish(take)
        return .endOfInput
      } else if errno != EINTR && errno != EAGAIN {
        return .failed(errno: errno)
      }
    }
  }

  private func wait(for backlog: AnswerBacklog) {
    let isLow = DispatchSemaphore(value: 0)
    if !backlog.isLow(orThen: { isLow.signal() }) { isLow.wait() }
  }

  /// False when reading has to stop.
  private func waitForInput() -> Bool {
    var entries = [
      pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0), stopping.entry,
    ]
    while true {
      let ready = unsafe poll(&entries, 2, -1)
      if ready < 0 && errno == EINTR { continue }
      return entries[1].revents == 0
    }
  }
}
