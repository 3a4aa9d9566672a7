import Dispatch
import Glibc

/// Reads a descriptor to its end on a thread of its own.
///
/// Not with NIO's pipes: those refuse regular files and abort on `/dev/null`, and
/// `gateway run < session.jsonl` has to work.
final class InputReader: Sendable {
  enum Ending: Sendable, Equatable {
    case endOfInput
    case stopped
    case failed(errno: Int32)
  }

  private let descriptor: Int32
  private let stopping = WakePipe()

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  /// Whether all input is there already, so that nobody waits for us to go on.
  var isRegularFile: Bool {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { return false }
    return status.st_mode & S_IFMT == S_IFREG
  }

  /// Calls `take` on the reading thread with each line; returns after the last.
  func read(
    lineLimit: Int, _ take: @escaping @Sendable (LineSplitter.Line) -> Void
  ) async -> Ending {
    await withCheckedContinuation { continuation in
      DispatchQueue(label: "gateway.stdio.reader").async {
        continuation.resume(returning: self.readAll(lineLimit, take))
      }
    }
  }

  /// Ends the reading, also while it waits for input. Safe to call from any thread, repeatedly.
  func stop() { stopping.wake() }

  private func readAll(_ lineLimit: Int, _ take: (LineSplitter.Line) -> Void) -> Ending {
    var splitter = LineSplitter(limit: lineLimit)
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      guard waitForInput() else { return .stopped }
      let count = unsafe buffer.withUnsafeMutableBytes {
        unsafe Glibc.read(descriptor, $0.baseAddress, $0.count)
      }
      if count > 0 {
        splitter.take(buffer[..<count], take)
      } else if count == 0 {
        splitter.finish(take)
        return .endOfInput
      } else if errno != EINTR && errno != EAGAIN {
        return .failed(errno: errno)
      }
    }
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
