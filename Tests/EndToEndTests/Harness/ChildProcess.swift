import Foundation
import Glibc
import Synchronization

/// A program that a test started. Its output is collected by two threads, so that it never blocks
/// on a test that does not read.
final class ChildProcess: Sendable {
  struct CannotStart: Error, CustomStringConvertible {
    let description: String
  }

  enum Exit: Sendable, Hashable {
    case status(Int32)
    case signal(Int32)
  }

  let identifier: pid_t
  let commandLine: String
  private let input: Mutex<Int32?>
  private let collectedOutput = Mutex(Data())
  private let collectedErrors = Mutex(Data())
  private let openStreams = Mutex(2)
  private let exit = Mutex<Exit?>(nil)

  init(_ arguments: [String], environment: [String: String], folder: String) throws {
    signal(SIGPIPE, SIG_IGN)
    let (child, stdin, stdout, stderr) = try starting.withLock { _ in
      let pipes = (try Pipe(), try Pipe(), try Pipe())
      // There is no other way to name the working directory that Swift can see.
      let command = ["env", "--chdir", folder] + arguments
      let descriptors = [pipes.0.reader, pipes.1.writer, pipes.2.writer]
      let child = try spawn(command, environment: environment, descriptors: descriptors)
      return (child, pipes.0, pipes.1, pipes.2)
    }
    identifier = child
    commandLine = arguments.joined(separator: " ")
    for descriptor in [stdin.reader, stdout.writer, stderr.writer] { close(descriptor) }
    input = Mutex(stdin.writer)
    collect(stdout.reader) { [self] bytes in
      collectedOutput.withLock { $0.append(contentsOf: bytes) }
    }
    collect(stderr.reader) { [self] bytes in
      collectedErrors.withLock { $0.append(contentsOf: bytes) }
    }
    reap()
  }

  var output: String { String(decoding: collectedOutput.withLock { $0 }, as: UTF8.self) }
  var errors: String { String(decoding: collectedErrors.withLock { $0 }, as: UTF8.self) }
  var outputSize: Int { collectedOutput.withLock { $0.count } }
  var ended: Exit? { exit.withLock { $0 } }

  /// Complete lines of standard output after the first `count` bytes, and how many bytes they are.
  func lines(after count: Int) -> (lines: [Substring], size: Int) {
    let fresh = collectedOutput.withLock { $0.dropFirst(count) }
    guard let end = fresh.lastIndex(of: 0x0A) else { return ([], 0) }
    let complete = fresh[fresh.startIndex...end]
    return (String(decoding: complete, as: UTF8.self).split(separator: "\n"), complete.count)
  }

  func write(_ text: String) throws {
    let descriptor = input.withLock { $0 }
    guard let descriptor else { throw CannotStart(description: "standard input is closed") }
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if written < 0, errno == EINTR { continue }
      guard written > 0 else {
        throw CannotStart(description: "cannot write to \(commandLine): \(explained(errno))")
      }
      rest = rest.dropFirst(written)
    }
  }

  func closeInput() {
    input.withLock { descriptor in
      if let open = descriptor { close(open) }
      descriptor = nil
    }
  }

  func send(_ number: Int32) {
    if ended == nil { kill(identifier, number) }
  }

  /// The way it ended, once all its output is here.
  func wait(within limit: Duration = .seconds(20)) async throws -> Exit {
    try await eventually(within: limit, "end of \(commandLine)\n\(errors.suffix(2000))") {
      openStreams.withLock { $0 } == 0 ? ended : nil
    }
  }

  private func collect(
    _ descriptor: Int32, append: @escaping @Sendable (ArraySlice<UInt8>) -> Void
  ) {
    Thread.detachNewThread { [self] in
      var chunk = [UInt8](repeating: 0, count: 1 << 16)
      while true {
        let count = read(descriptor, &chunk, chunk.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { break }
        append(chunk[..<count])
      }
      close(descriptor)
      openStreams.withLock { $0 -= 1 }
    }
  }

  private func reap() {
    Thread.detachNewThread { [self] in
      var status: Int32 = 0
      while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
      let signal = status & 0x7F
      exit.withLock { $0 = signal == 0 ? .status((status >> 8) & 0xFF) : .signal(signal) }
    }
  }
}

/// Starting a program and making its pipes exclude each other: a child that inherited the pipe of
/// another would keep it open, and the other's end of file would never be seen.
private let starting = Mutex(())

private struct Pipe {
  let reader: Int32
  let writer: Int32

  init() throws {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0, ends.allSatisfy({ fcntl($0, F_SETFD, FD_CLOEXEC) == 0 }) else {
      throw ChildProcess.CannotStart(description: "pipe: \(explained(errno))")
    }
    (reader, writer) = (ends[0], ends[1])
  }
}

func explained(_ code: Int32) -> String { String(cString: strerror(code)) }

private func spawn(
  _ arguments: [String], environment: [String: String], descriptors: [Int32]
) throws -> pid_t {
  var actions = posix_spawn_file_actions_t()
  var attributes = posix_spawnattr_t()
  posix_spawn_file_actions_init(&actions)
  posix_spawnattr_init(&attributes)
  defer {
    posix_spawn_file_actions_destroy(&actions)
    posix_spawnattr_destroy(&attributes)
  }
  for (target, descriptor) in descriptors.enumerated() {
    posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(target))
  }
  // The test runner ignores SIGPIPE; its children must not inherit that.
  var signals = sigset_t()
  sigemptyset(&signals)
  posix_spawnattr_setsigmask(&attributes, &signals)
  sigaddset(&signals, SIGPIPE)
  posix_spawnattr_setsigdefault(&attributes, &signals)
  // A group of its own: a test can end a program and what it started.
  posix_spawnattr_setpgroup(&attributes, 0)
  let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
  posix_spawnattr_setflags(&attributes, Int16(flags))

  var argv = arguments.map { strdup($0) } + [nil]
  var envp = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
  defer { for pointer in argv + envp { free(pointer) } }
  var identifier: pid_t = 0
  let code = posix_spawnp(&identifier, arguments[0], &actions, &attributes, &argv, &envp)
  guard code == 0 else {
    throw ChildProcess.CannotStart(description: "\(arguments[0]): \(explained(code))")
  }
  return identifier
}
