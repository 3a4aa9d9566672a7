import Glibc
import Spawning

/// A child process with its input and output connected to us, in a process group of its own.
/// Blocking: for the pool for blocking work.
final class SpawnedChild {
  private let pid: pid_t
  private let connection: SocketPair
  private var isReaped = false

  /// Starts `command[0]`. The input lies in the socket before the child exists: no child can make
  /// the write block.
  init(
    _ command: [String], input: [UInt8], environment: [String: String]
  ) throws(ChildFailure) {
    let toChild = try SocketPair()
    try toChild.fill(input)
    connection = try SocketPair()
    do throws(PosixSpawn.Failure) {
      // Without an error output: a helper might print a secret into our log.
      pid = try PosixSpawn.start(
        command, environment: environment,
        descriptors: [toChild.theirs, connection.theirs, nil], leading: .group)
    } catch { throw ChildFailure.system("posix_spawn", error.code) }
    // The output ends when the child has closed its end, so ours of that end must go.
    connection.closeTheirs()
  }

  /// Everything until the child closes its output.
  func readOutput(
    upTo limit: Int, deadline: ContinuousClock.Instant
  ) throws(ChildFailure) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16 << 10)
    while true {
      try waitReadable(deadline)
      let count = unsafe chunk.withUnsafeMutableBytes {
        unsafe read(connection.ours, $0.baseAddress, $0.count)
      }
      if count == 0 { return bytes }
      if count < 0, errno != EINTR { throw ChildFailure.system("read", errno) }
      bytes.append(contentsOf: chunk.prefix(max(0, count)))
      guard bytes.count <= limit else { throw ChildFailure.tooMuchOutput }
    }
  }

  private func waitReadable(_ deadline: ContinuousClock.Instant) throws(ChildFailure) {
    while true {
      let left = deadline - .now
      guard left > .zero else { throw ChildFailure.timeout }
      var entry = pollfd(fd: connection.ours, events: Int16(POLLIN), revents: 0)
      let milliseconds = CInt(clamping: left.components.seconds * 1000 + 1)
      let ready = unsafe poll(&entry, 1, milliseconds)
      if ready > 0 { return }
      if ready < 0, errno != EINTR { throw ChildFailure.system("poll", errno) }
    }
  }

  /// 128 plus the signal for a child that was killed.
  func waitForExit(deadline: ContinuousClock.Instant) throws(ChildFailure) -> Int {
    while true {
      var status: CInt = 0
      let found = unsafe waitpid(pid, &status, WNOHANG)
      if found == pid {
        isReaped = true
        let signal = status & 0x7F
        return signal == 0 ? Int(status >> 8 & 0xFF) : 128 + Int(signal)
      }
      if found < 0, errno != EINTR { throw ChildFailure.system("waitpid", errno) }
      guard ContinuousClock.now < deadline else { throw ChildFailure.timeout }
      usleep(2000)
    }
  }

  /// Ends the child and all of its process group; none stays as a zombie.
  func killAndReap() {
    guard !isReaped else { return }
    kill(-pid, SIGKILL)
    var status: CInt = 0
    while unsafe waitpid(pid, &status, 0) < 0, errno == EINTR {}
    isReaped = true
  }
}

/// Two connected sockets, closed with this object. Made close-on-exec in one step, which pipes
/// cannot be here: no other child that starts meanwhile inherits them.
private final class SocketPair {
  let ours: CInt
  private(set) var theirs: CInt

  init() throws(ChildFailure) {
    var ends: [CInt] = [-1, -1]
    let kind = CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    guard unsafe socketpair(AF_UNIX, kind, 0, &ends) == 0, ends.count == 2 else {
      throw ChildFailure.system("socketpair", errno)
    }
    ours = ends[0]
    theirs = ends[1]
  }

  deinit {
    close(ours)
    closeTheirs()
  }

  func closeTheirs() {
    if theirs >= 0 { close(theirs) }
    theirs = -1
  }

  /// Puts all there will ever be into the other end.
  func fill(_ bytes: [UInt8]) throws(ChildFailure) {
    let sent = unsafe bytes.withUnsafeBytes {
      unsafe send(ours, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
    }
    guard sent == bytes.count, shutdown(ours, CInt(SHUT_WR)) == 0 else {
      throw ChildFailure.system("send", errno)
    }
  }
}
