import Dispatch
import Glibc
import Spawning
import Synchronization

/// The gateway's side of a keeper.
final class KeeperLink: Sendable {
  private struct State {
    var isOpen = true
    var isGone = false
    var waiters: [CheckedContinuation<Void, Never>] = []
  }

  /// A keeper answers within milliseconds; a machine out of breath may take longer.
  private static let patience: CInt = 10_000

  private let channel: Channel
  private let process: pid_t
  private let state = Mutex(State())

  private init(_ channel: Channel, _ process: pid_t) {
    self.channel = channel
    self.process = process
  }

  /// Starts a keeper and waits until it has confined itself. Blocks.
  ///
  /// - Parameters:
  ///   - helper: the program that becomes the keeper, and the words before the keeper's own.
  ///   - onRefused: hears the name of each system call that the sandbox refuses.
  static func start(
    _ helper: [String], _ confinement: Confinement, _ program: [String],
    environment: [String: String], onRefused: @escaping @Sendable (String) -> Void
  ) throws(SandboxProblem) -> KeeperLink {
    let (ours, theirs) = try Channel.pair()
    let process: pid_t
    do throws(PosixSpawn.Failure) {
      defer { theirs.close() }
      process = try PosixSpawn.start(
        helper + confinement.words + program, environment: environment,
        descriptors: [nil, nil, nil, theirs.descriptor], leading: .session)
    } catch {
      ours.close()
      throw .system("the sandbox cannot be started", error.code)
    }
    let link = KeeperLink(ours, process)
    do throws(SandboxProblem) { try link.awaitReady() } catch {
      // It has started nothing yet, and one that hangs would be waited for without end.
      kill(process, SIGKILL)
      link.bury()
      throw error
    }
    // A thread of its own: it waits for as long as the keeper lives.
    DispatchQueue(label: "sandbox keeper").async {
      while let (text, _) = ours.receive() {
        if let name = text.split(separator: " ").dropFirst().first { onRefused(String(name)) }
      }
      link.bury()
    }
    return link
  }

  /// Has the keeper start a run with these descriptors: input, output, errors, leash. False if the
  /// keeper has gone or takes nothing: one that is frozen must not hold up those who want to end it.
  func launch(_ descriptors: [CInt]) -> Bool {
    state.withLock { $0.isOpen && channel.send("run", descriptors, waits: false) }
  }

  var isOpen: Bool { state.withLock { $0.isOpen } }

  /// Returns when the keeper has ended, with all that it had started.
  func close() async {
    await withCheckedContinuation { continuation in
      let isGone = state.withLock { state in
        if !state.isGone { state.waiters.append(continuation) }
        return state.isGone
      }
      beginEnding()
      if isGone { continuation.resume() }
    }
  }

  /// Has the keeper end, with all that it has started, and waits for nothing.
  func beginEnding() {
    state.withLock { state in
      guard state.isOpen else { return }
      state.isOpen = false
      shutdown(channel.descriptor, CInt(SHUT_RDWR))
    }
  }

  private func awaitReady() throws(SandboxProblem) {
    var entry = pollfd(fd: channel.descriptor, events: Int16(POLLIN), revents: 0)
    var ready: CInt
    repeat { ready = unsafe poll(&entry, 1, Self.patience) } while ready < 0 && errno == EINTR
    guard ready > 0 else { throw SandboxProblem("the sandbox did not get ready in time") }
    guard let (text, _) = channel.receive() else {
      throw SandboxProblem("the sandbox ended while it was set up")
    }
    guard text == "ready" else {
      throw SandboxProblem(text.split(separator: " ", maxSplits: 1).last.map(String.init) ?? text)
    }
  }

  /// The keeper ends when its channel does; it leaves no zombie.
  private func bury() {
    beginEnding()
    while waitpid(process, nil, 0) < 0, errno == EINTR {}
    let waiters = state.withLock { state in
      if !state.isGone { channel.close() }
      state.isGone = true
      defer { state.waiters = [] }
      return state.waiters
    }
    for waiter in waiters { waiter.resume() }
  }
}
