import CSandbox
import Glibc
import Synchronization

/// A program that can be run any number of times, each time confined: with a keeper that is started
/// when it is first needed, and again if it has gone.
public final class ConfinedProgram: Sendable {
  private struct State {
    var link: KeeperLink?
    var isClosed = false
  }

  private let command: [String]
  private let confinement: Confinement
  private let environment: [String: String]
  private let helper: [String]
  private let onRefused: @Sendable (String) -> Void
  private let state = Mutex(State())

  /// Our own program, whatever has become of its file.
  public static let ownHelper = ["/proc/self/exe", Keeper.word]

  /// - Parameters:
  ///   - command: an absolute path and its arguments.
  ///   - environment: all variables that it gets.
  ///   - helper: the program that becomes the keeper, and its first words.
  ///   - onRefused: hears the name of each system call that the sandbox refuses.
  public init(
    _ command: [String], _ confinement: Confinement, environment: [String: String],
    helper: [String] = ConfinedProgram.ownHelper,
    onRefused: @escaping @Sendable (String) -> Void
  ) {
    self.command = command
    self.confinement = confinement
    self.environment = environment
    self.helper = helper
    self.onRefused = onRefused
  }

  /// Whoever lets go of it without closing it does not wait for its end.
  deinit { state.withLock { $0.link }?.beginEnding() }

  /// Starts a run. Blocks for a moment, at the first time for some milliseconds.
  func start() throws(SandboxProblem) -> ConfinedRun {
    let ends = try RunEnds()
    defer { ends.closeTheirs() }
    do throws(SandboxProblem) {
      // A keeper that has gone is noticed here at the latest.
      for _ in 0..<2 where try link().launch(ends.theirs) { return ConfinedRun(ends.ours) }
      throw SandboxProblem("the sandbox ended")
    } catch {
      ends.closeOurs()
      throw error
    }
  }

  private func link() throws(SandboxProblem) -> KeeperLink {
    try state.withLock { state throws(SandboxProblem) in
      if let link = state.link, link.isOpen { return link }
      guard !state.isClosed else { throw SandboxProblem("the gateway is shutting down") }
      let link = try KeeperLink.start(
        helper, confinement, command, environment: environment, onRefused: onRefused)
      state.link = link
      return link
    }
  }

  /// Ends all runs; returns when nothing of them is left.
  public func close() async {
    let link = state.withLock { state in
      state.isClosed = true
      return state.link
    }
    await link?.close()
  }
}

/// Both sides of the descriptors of a run: input, output, errors, leash.
private final class RunEnds {
  private(set) var ours: [CInt] = []
  private(set) var theirs: [CInt] = []

  init() throws(SandboxProblem) {
    do throws(SandboxProblem) {
      for number in 0..<3 {
        var ends: [CInt] = [-1, -1]
        guard unsafe c_pipe(&ends) == 0 else { throw .system("no pipe for a hook") }
        let (mine, other) = number == 0 ? (ends[1], ends[0]) : (ends[0], ends[1])
        ours.append(mine)
        theirs.append(other)
      }
      let (mine, other) = try Channel.socketPair(CInt(SOCK_STREAM.rawValue))
      ours.append(mine)
      theirs.append(other)
    } catch {
      closeOurs()
      closeTheirs()
      throw error
    }
    for descriptor in ours { _ = fcntl(descriptor, F_SETFL, O_NONBLOCK) }
  }

  func closeOurs() { for descriptor in ours { close(descriptor) } }
  func closeTheirs() { for descriptor in theirs { close(descriptor) } }
}

/// One run of a confined program, from the gateway's side. Closes what is left of it when it goes.
final class ConfinedRun: Sendable {
  /// Its stdin, nil once it is closed; its stdout, its stderr, its minder. None of them blocks.
  let output: CInt
  let errors: CInt
  let leash: CInt
  private let input: Mutex<CInt?>

  init(_ descriptors: [CInt]) {
    input = Mutex(descriptors[0])
    (output, errors, leash) = (descriptors[1], descriptors[2], descriptors[3])
  }

  deinit {
    closeInput()
    for descriptor in [output, errors, leash] { close(descriptor) }
  }

  var inputDescriptor: CInt? { input.withLock { $0 } }

  func closeInput() {
    input.withLock { input in
      if let descriptor = input { close(descriptor) }
      input = nil
    }
  }

  /// Has the minder end the program and all that it has started.
  func end() { shutdown(leash, CInt(SHUT_WR)) }
}
