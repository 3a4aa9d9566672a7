import Glibc

/// `posix_spawn` with what children of ours get: the descriptors that are named and no other, default
/// signals, a process group or session of their own.
public enum PosixSpawn {
  /// What the child leads, so that it can be ended with all that it starts.
  public enum Leadership: Sendable {
    case group
    /// Ctrl-C at our terminal does not reach it either.
    case session
  }

  /// Why there is no child.
  public struct Failure: Error, Sendable, Hashable, CustomStringConvertible {
    public let code: CInt

    public var description: String { unsafe String(cString: strerror(code)) }
  }

  /// - Parameters:
  ///   - command: an absolute path and its arguments.
  ///   - descriptors: by their numbers in the child; nil: `/dev/null`.
  public static func start(
    _ command: [String], environment: [String: String], descriptors: [CInt?], leading: Leadership
  ) throws(Failure) -> pid_t {
    guard let program = command.first else { throw Failure(code: ENOENT) }
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    try unsafe redirect(&actions, descriptors)
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    setDefaults(&attributes, leading)
    let lines = environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    var process: pid_t = 0
    let code = unsafe withCStrings(command) { words in
      unsafe withCStrings(lines) { variables in
        unsafe posix_spawn(&process, program, &actions, &attributes, words, variables)
      }
    }
    guard code == 0 else { throw Failure(code: code) }
    return process
  }

  private static func redirect(
    _ actions: inout posix_spawn_file_actions_t, _ descriptors: [CInt?]
  ) throws(Failure) {
    var codes: [CInt] = []
    for (number, descriptor) in descriptors.enumerated() {
      let number = CInt(number)
      codes.append(
        unsafe descriptor.map { unsafe posix_spawn_file_actions_adddup2(&actions, $0, number) }
          ?? posix_spawn_file_actions_addopen(
            &actions, number, "/dev/null", number == 0 ? O_RDONLY : O_WRONLY, 0))
    }
    // NIO's sockets are not close-on-exec: a child would hold our connections to the engine.
    codes.append(unsafe addCloseFrom(&actions, CInt(descriptors.count)))
    if let failed = codes.first(where: { $0 != 0 }) { throw Failure(code: failed) }
  }

  private static func setDefaults(_ attributes: inout posix_spawnattr_t, _ leading: Leadership) {
    var none = sigset_t()
    unsafe sigemptyset(&none)
    unsafe posix_spawnattr_setsigmask(&attributes, &none)
    var all = sigset_t()
    unsafe sigfillset(&all)
    unsafe posix_spawnattr_setsigdefault(&attributes, &all)
    var flags = Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF)
    switch leading {
    case .group:
      unsafe posix_spawnattr_setpgroup(&attributes, 0)
      flags |= Int16(POSIX_SPAWN_SETPGROUP)
    // POSIX_SPAWN_SETSID, which the Glibc module leaves out.
    case .session: flags |= 0x80
    }
    unsafe posix_spawnattr_setflags(&attributes, flags)
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
