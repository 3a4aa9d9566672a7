import Glibc

/// Where the lines of a client come from.
protocol StdioInput: Sendable {
  /// Calls `take` with each line, in order; returns after the last. Reads no further while
  /// `backlog` is high.
  func read(
    lineLimit: Int, backlog: AnswerBacklog, _ take: @escaping @Sendable (LineSplitter.Line) -> Void
  ) async -> InputEnding

  /// Ends the reading, also while it waits for input. Safe to call from any thread, repeatedly.
  func stop()
}

enum InputEnding: Sendable, Equatable {
  case endOfInput
  case stopped
  case failed(errno: Int32)
}

/// What kind of file a descriptor stands for.
enum DescriptorKind: Sendable {
  case pipe, socket
  /// All input is there already, so nobody waits for us to go on.
  case regularFile
  case other

  init(_ descriptor: Int32) {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else {
      self = .other
      return
    }
    self =
      switch status.st_mode & S_IFMT {
      case S_IFIFO: .pipe
      case S_IFSOCK: .socket
      case S_IFREG: .regularFile
      default: .other
      }
  }
}
