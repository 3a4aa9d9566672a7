import FoundationEssentials
import Glibc
import Spawning
import Wire

/// A short-lived program with its stdin and stdout. Blocks the calling thread.
struct ChildProcess: Sendable {
  let program: String
  let arguments: [String]

  struct Output: Sendable {
    let status: CInt
    let bytes: [UInt8]
  }

  private static let largestOutput = 1 << 20
  private static let sendPatience = 10

  func run(input: [UInt8], patience: Duration) throws(Problem) -> Output {
    let (ours, theirs) = try socketPair()
    let end = Descriptor(owning: ours)
    let child = try start(talkingOn: Descriptor(owning: theirs))
    let deadline = ContinuousClock.now + patience
    let bytes = exchange(input, end, until: deadline)
    let status = reap(child, until: bytes == nil ? .now : deadline)
    guard let bytes, let status else {
      throw Problem(source: program, "did not answer in time, or said too much")
    }
    return Output(status: status, bytes: bytes)
  }

  /// How it ended; nil if it had to be killed. One that closes its output may still not end.
  private func reap(_ child: pid_t, until deadline: ContinuousClock.Instant) -> CInt? {
    var status: CInt = 0
    while true {
      let found = unsafe waitpid(child, &status, WNOHANG)
      if found == child { return status }
      // Somebody who does not want to hear of children took the status: nobody knows how it ended.
      if found < 0, errno != EINTR { return nil }
      guard ContinuousClock.now < deadline else {
        // With what it has started itself: it has a process group of its own.
        kill(-child, SIGKILL)
        while unsafe waitpid(child, &status, 0) < 0 && errno == EINTR {}
        return nil
      }
      usleep(2_000)
    }
  }

  /// Stdin and stdout in one, closed on exec from the first moment, which pipes cannot be here.
  private func socketPair() throws(Problem) -> (ours: CInt, theirs: CInt) {
    var ends: [CInt] = [0, 0]
    let type = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
    guard unsafe socketpair(AF_UNIX, type, 0, &ends) == 0 else {
      throw .system("cannot be started", program)
    }
    return (ends[0], ends[1])
  }

  /// What the program wrote; nil if it took too long or wrote too much.
  private func exchange(
    _ input: [UInt8], _ end: borrowing Descriptor, until deadline: ContinuousClock.Instant
  ) -> [UInt8]? {
    var wait = timeval(tv_sec: Int(Self.sendPatience), tv_usec: 0)
    unsafe setsockopt(
      end.number, SOL_SOCKET, SO_SNDTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
    // A child that does not read shows that in its status.
    try? end.writeAll(input, program)
    shutdown(end.number, CInt(SHUT_WR))
    var output: [UInt8] = []
    while true {
      let left = ContinuousClock.now.duration(to: deadline).components.seconds
      var poll = pollfd(fd: end.number, events: Int16(POLLIN), revents: 0)
      guard left > 0, unsafe Glibc.poll(&poll, 1, CInt(left) * 1000) > 0 else { return nil }
      var chunk = [UInt8](repeating: 0, count: 4096)
      let count = unsafe read(end.number, &chunk, chunk.count)
      if count < 0 && (errno == EINTR || errno == EAGAIN) { continue }
      guard count > 0 else { return count == 0 ? output : nil }
      output += chunk.prefix(count)
      guard output.count <= Self.largestOutput else { return nil }
    }
  }

  private func start(talkingOn end: consuming Descriptor) throws(Problem) -> pid_t {
    do throws(PosixSpawn.Failure) {
      // What a helper prints as an error may be the secret, and ours is a log.
      return try PosixSpawn.start(
        [program] + arguments,
        environment: ChildEnvironment.withoutOwn(ProcessInfo.processInfo.environment),
        descriptors: [end.number, end.number, nil], leading: .group)
    } catch { throw Problem(source: program, "cannot be started: \(error)") }
  }
}
