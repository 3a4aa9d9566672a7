import Glibc

/// `posix_spawn` of a keeper: its channel as descriptor 3 and nothing else of ours, default signals, a
/// session of its own (Ctrl-C at a terminal is the gateway's affair).
enum Spawn {
  static func start(
    _ command: [String], environment: [String: String], channel: CInt
  ) throws(SandboxProblem) -> pid_t {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    try unsafe redirect(&actions, channel)
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    setDefaults(&attributes)
    let lines = environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    var process: pid_t = 0
    let code = unsafe withCStrings(command) { words in
      unsafe withCStrings(lines) { variables in
        unsafe posix_spawn(&process, command[0], &actions, &attributes, words, variables)
      }
    }
    guard code == 0 else { throw .system("the sandbox cannot be started", code) }
    return process
  }

  private static func redirect(
    _ actions: inout posix_spawn_file_actions_t, _ channel: CInt
  ) throws(SandboxProblem) {
    let codes = unsafe [
      posix_spawn_file_actions_adddup2(&actions, channel, Keeper.channelNumber),
      posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0),
      posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0),
      posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0),
      addCloseFrom(&actions, Keeper.channelNumber + 1),
    ]
    if let failed = codes.first(where: { $0 != 0 }) {
      throw .system("the sandbox cannot be started", failed)
    }
  }

  private static func setDefaults(_ attributes: inout posix_spawnattr_t) {
    let newSession: Int16 = 0x80
    var none = sigset_t()
    unsafe sigemptyset(&none)
    unsafe posix_spawnattr_setsigmask(&attributes, &none)
    var all = sigset_t()
    unsafe sigfillset(&all)
    unsafe posix_spawnattr_setsigdefault(&attributes, &all)
    unsafe posix_spawnattr_setflags(
      &attributes, newSession | Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
  }

  /// A NULL-terminated array of C strings that lives during `body`.
  private static func withCStrings(
    _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> CInt
  ) -> CInt {
    let copies = unsafe strings.map { unsafe strdup($0) }
    defer { for index in unsafe copies.indices { unsafe free(copies[index]) } }
    return unsafe body(copies + [nil])
  }
}

/// In glibc since 2.34, but the Glibc module does not show what only `_GNU_SOURCE` declares.
@_silgen_name("posix_spawn_file_actions_addclosefrom_np")
private func addCloseFrom(
  _ actions: UnsafeMutablePointer<posix_spawn_file_actions_t>, _ first: CInt
) -> CInt
