import CSandbox
import Glibc

/// Keeps files from a process and all it starts (kernel 5.13 and newer). Everything that the kernel's
/// version of Landlock knows is forbidden, then single paths are given back.
enum Landlock {
  /// Which accesses there are, by the version that brought them.
  private enum Access {
    static let execute: UInt64 = 1 << 0
    static let writeFile: UInt64 = 1 << 1
    static let readFile: UInt64 = 1 << 2
    static let readFolder: UInt64 = 1 << 3
    static let truncate: UInt64 = 1 << 14
    static let deviceControl: UInt64 = 1 << 15

    static func all(_ version: Int) -> UInt64 {
      switch version {
      case ...1: 0x1FFF
      case 2: 0x3FFF
      case 3, 4: 0x7FFF
      default: 0xFFFF
      }
    }
    /// What a rule for a file, and no folder, may speak of.
    static let ofFiles = execute | writeFile | readFile | truncate | deviceControl
    static let reading = readFile | readFolder
    static let running = reading | execute
  }

  private static let create = 444
  private static let addRule = 445
  private static let restrictSelf = 446
  private static let pathBeneath = 1
  /// `O_PATH`, which the Glibc module leaves out.
  private static let pathOnly: CInt = 0x20_0000

  /// What this kernel has; 0: nothing.
  static var version: Int { max(0, c_syscall_pointer(create, nil, 0, 1)) }

  /// A set of rules, as a descriptor. Restricting to it needs no more than ``restrict(to:)``.
  static func rules(for confinement: Confinement, version: Int) throws(SandboxProblem) -> CInt {
    let all = Access.all(version)
    // TCP from version 4 on: without a network there are no sockets at all, with one it is open.
    let ports: UInt64 = version >= 4 && !confinement.network ? 3 : 0
    // Abstract sockets and signals of others from version 6 on.
    let scopes: UInt64 = version >= 6 ? 3 : 0
    let attributes = [all, ports, scopes]
    let size = version >= 6 ? 24 : version >= 4 ? 16 : 8
    let set = unsafe CInt(
      truncatingIfNeeded: attributes.withUnsafeBytes {
        unsafe c_syscall_pointer(create, $0.baseAddress, size, 0)
      })
    guard set >= 0 else { throw .system("Landlock refuses a set of rules") }
    let network = confinement.network ? Confinement.networkReadable : []
    let grants = [
      (Confinement.systemRunnable + confinement.runnable, Access.running),
      (Confinement.systemReadable + network + confinement.readable, Access.reading),
      (Confinement.systemWritable + confinement.writable, all & ~Access.execute),
    ]
    for (paths, access) in grants {
      for path in paths { try allow(path, access & all, in: set) }
    }
    return set
  }

  /// A path that is not there needs no rule.
  private static func allow(
    _ path: String, _ access: UInt64, in set: CInt
  ) throws(SandboxProblem) {
    let descriptor = unsafe open(path, pathOnly | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { return }
    let isFolder = status.st_mode & S_IFMT == S_IFDIR
    let allowed = isFolder ? access : access & Access.ofFiles
    // struct landlock_path_beneath_attr is packed: 8 bytes and 4.
    var rule: [UInt8] = []
    for shift in stride(from: 0, to: 64, by: 8) {
      rule.append(UInt8(truncatingIfNeeded: allowed >> shift))
    }
    for shift in stride(from: 0, to: 32, by: 8) {
      rule.append(UInt8(truncatingIfNeeded: descriptor >> CInt(shift)))
    }
    let code = unsafe rule.withUnsafeBytes {
      unsafe c_syscall_rule(addRule, Int(set), pathBeneath, $0.baseAddress)
    }
    guard code == 0 else { throw .system("Landlock refuses a rule for \(path)") }
  }

  /// From now on, for this thread and whatever it starts.
  static func restrict(to set: CInt) throws(SandboxProblem) {
    guard c_syscall(restrictSelf, Int(set), 0, 0, 0) == 0 else {
      throw .system("Landlock does not restrict")
    }
  }
}
