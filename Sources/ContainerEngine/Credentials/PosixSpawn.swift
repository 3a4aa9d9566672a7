import Glibc

/// `posix_spawn` with what our children get: two descriptors, no error output (a helper might print
/// a secret into our log), default signals, a process group of their own.
enum PosixSpawn {
  static func start(
    _ command: [String], environment: [String: String], input: CInt, output: CInt
  ) throws(ChildFailure) -> pid_t {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    try unsafe redirect(&actions, input: input, output: output)

    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    setDefaults(&attributes)

    let lines = environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    var pid: pid_t = 0
    let code = unsafe withCStrings(command) { arguments in
      unsafe withCStrings(lines) { variables in
        unsafe posix_spawn(&pid, command[0], &actions, &attributes, arguments, variables)
      }
    }
    guard code == 0 else { throw ChildFailure.system("posix_spawn", code) }
    return pid
  }

  private static func redirect(
    _ actions: inout posix_spawn_file_actions_t, input: CInt, output: CInt
  ) throws(ChildFailure) {
    let codes = unsafe [
      posix_spawn_file_actions_adddup2(&actions, input, 0),
      posix_spawn_file_actions_adddup2(&actions, output, 1),
      posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0),
      // NIO's sockets are not close-on-exec: a helper would hold our connections to the engine.
      addCloseFrom(&actions, 3),
    ]
    if let failed = codes.first(where: { $0 != 0 }) {
      throw ChildFailure.system("posix_spawn_file_actions", failed)
    }
  }

  private static func setDefaults(_ attributes: inout posix_spawnattr_t) {
    var none = sigset_t()
    unsafe sigemptyset(&none)
    unsafe posix_spawnattr_setsigmask(&attributes, &none)
    var all = sigset_t()
    unsafe sigfillset(&all)
    unsafe posix_spawnattr_setsigdefault(&attributes, &all)
    unsafe posix_spawnattr_setpgroup(&attributes, 0)
    let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
    unsafe posix_spawnattr_setflags(&attributes, Int16(flags))
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
