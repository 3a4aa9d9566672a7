import CSandbox
import Glibc

/// The helper process of one hook: our own program once more, with a single thread and nothing of the
/// gateway's memory. It confines itself once; what it then starts for each call inherits that.
///
/// It ends, and all that it has started, when the gateway closes its channel or is gone.
public enum Keeper {
  /// The hidden word by which our program knows that it is a keeper.
  public static let word = "sandbox-keeper"
  /// Where a keeper finds its channel.
  static let channelNumber: CInt = 3
  private static let setSubreaper: CInt = 36

  /// - Parameter arguments: what stands behind ``word``.
  public static func run(_ arguments: some Sequence<String>) -> Never {
    var words = Array(arguments)[...]
    let channel = Channel(descriptor: channelNumber)
    guard let confinement = Confinement(taking: &words), !words.isEmpty else { _exit(2) }
    do throws(SandboxProblem) {
      try confine(confinement, Array(words), channel)
    } catch {
      _ = channel.send("failed \(error)")
      _exit(1)
    }
  }

  private static func confine(
    _ confinement: Confinement, _ program: [String], _ channel: Channel
  ) throws(SandboxProblem) -> Never {
    // Children are not waited for here: the kernel takes them.
    signal(SIGCHLD, SIG_IGN)
    signal(SIGPIPE, SIG_IGN)
    _ = c_prctl(setSubreaper, 1, 0)
    try Privileges.renounceNew()
    let version = Landlock.version
    let rules = version > 0 ? try Landlock.rules(for: confinement, version: version) : nil
    try Privileges.dropCapabilities()
    let listener = try load(confinement)
    guard channel.send("ready") else { _exit(0) }
    serve(channel, listener) { descriptors in
      Minder(
        program: program, confinement: confinement, rules: rules, input: descriptors[0],
        output: descriptors[1], errors: descriptors[2], leash: descriptors[3]
      ).run()
    }
  }

  /// A filter may have no listener where another watches already, as in some containers: then calls
  /// are refused unseen.
  private static func load(_ confinement: Confinement) throws(SandboxProblem) -> CInt? {
    if let filter = try? SyscallFilter(network: confinement.network, listens: true),
      let listener = try? filter.load()
    {
      return listener
    }
    return try SyscallFilter(network: confinement.network, listens: false).load()
  }

  private static func serve(
    _ channel: Channel, _ listener: CInt?, _ mind: ([CInt]) -> Never
  ) -> Never {
    var refused: RefusedCalls?
    if let listener { refused = try? RefusedCalls(listener) }
    while true {
      var entries = [
        pollfd(fd: channel.descriptor, events: Int16(POLLIN), revents: 0),
        pollfd(fd: listener ?? -1, events: Int16(POLLIN), revents: 0),
      ]
      guard unsafe poll(&entries, 2, -1) >= 0 || errno == EINTR else { break }
      if entries[1].revents & Int16(POLLIN) != 0, let name = refused?.refuseNext() {
        _ = channel.send("refused \(name)", waits: false)
      }
      guard entries[0].revents != 0 else { continue }
      guard let (_, descriptors) = channel.receive() else { break }
      if descriptors.count == Channel.mostDescriptors, c_fork() == 0 {
        channel.close()
        if let listener { close(listener) }
        mind(descriptors)
      }
      for descriptor in descriptors { close(descriptor) }
    }
    ProcessTree().end()
    _exit(0)
  }
}
