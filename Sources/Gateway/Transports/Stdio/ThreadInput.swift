import Dispatch
import Glibc

/// Reads a descriptor of any kind to its end on a thread of its own: files, terminals, `/dev/null`.
/// `gateway run < session.jsonl` has to work.
final class ThreadInput: StdioInput {
  private let descriptor: Int32
  /// A pipe that wakes the thread out of its wait: reading end, writing end. Both are -1, which
  /// `poll` passes over, if the system has no descriptors left.
  private let wake: (read: Int32, write: Int32)

  init(_ descriptor: Int32) {
    self.descriptor = descriptor
    var ends: [Int32] = [-1, -1]
    _ = unsafe pipe(&ends)
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    wake = (ends[0], ends[1])
  }

  deinit {
    close(wake.read)
    close(wake.write)
  }

  func read(
    lineLimit: Int, backlog: AnswerBacklog, _ take: @escaping @Sendable (LineSplitter.Line) -> Void
  ) async -> InputEnding {
    await withCheckedContinuation { continuation in
      DispatchQueue(label: "gateway.stdio.reader").async {
        continuation.resume(returning: self.readAll(lineLimit, backlog, take))
      }
    }
  }

  func stop() {
    // A full pipe has woken the thread already.
    var byte: UInt8 = 1
    _ = unsafe write(wake.write, &byte, 1)
  }

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
      pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
      pollfd(fd: wake.read, events: Int16(POLLIN), revents: 0),
    ]
    while true {
      let ready = unsafe poll(&entries, 2, -1)
      if ready < 0 && errno == EINTR { continue }
      return entries[1].revents == 0
    }
  }
}
