import CSeccomp
import Glibc

/// Which system calls a confined program may make: all but those that reach out of its sandbox or
/// widen the kernel's surface. What is refused is told to a listener, so that an attempt is seen.
@safe final class SyscallFilter {
  private static let allow = UInt32(SCMP_ACT_ALLOW)
  private static let killProcess: UInt32 = 0x8000_0000
  private static let notify: UInt32 = 0x7FC0_0000
  private static func fail(_ code: CInt) -> UInt32 { 0x0005_0000 | UInt32(code) }

  /// Without these the filter is not worth having.
  private static let vital: Set<String> = [
    "ptrace", "process_vm_readv", "process_vm_writev", "mount", "umount2", "pivot_root", "chroot",
    "setns", "unshare", "bpf", "keyctl", "socket", "socketpair", "clone", "prlimit64",
  ]

  private static let refused = [
    "acct", "add_key", "request_key", "keyctl", "adjtimex", "clock_adjtime", "clock_settime",
    "settimeofday", "bpf", "delete_module", "init_module", "finit_module", "kexec_load",
    "kexec_file_load", "reboot", "swapon", "swapoff", "mount", "umount2", "fsopen", "fsconfig",
    "fsmount", "fspick", "move_mount", "open_tree", "mount_setattr", "pivot_root", "chroot",
    "setns",
    "unshare", "mknod", "mknodat", "name_to_handle_at", "open_by_handle_at", "quotactl",
    "quotactl_fd", "ioperm", "iopl", "modify_ldt", "lookup_dcookie", "perf_event_open", "ptrace",
    "process_vm_readv", "process_vm_writev", "process_madvise", "kcmp", "pidfd_getfd",
    "userfaultfd", "fanotify_init", "fanotify_mark", "syslog", "vhangup", "nfsservctl", "uselib",
    "ustat", "sysfs", "_sysctl", "sethostname", "setdomainname", "mbind", "set_mempolicy",
    "move_pages", "migrate_pages", "memfd_secret", "vmsplice", "setuid", "setgid", "setreuid",
    "setregid", "setresuid", "setresgid", "setfsuid", "setfsgid", "setgroups", "capset", "shmget",
    "shmat", "shmctl", "shmdt", "semget", "semop", "semctl", "semtimedop", "msgget", "msgsnd",
    "msgrcv", "msgctl", "mq_open", "mq_unlink",
  ]
  /// Programs try these and go on with an older call: no attempt at anything.
  private static let unknown = ["clone3", "io_uring_setup", "io_uring_enter", "io_uring_register"]

  private static let unixFamily: UInt64 = 1
  /// IPv4, IPv6, and what asks the kernel for addresses and routes.
  private static let networkFamilies: Set<UInt64> = [2, 10, 16]

  private let context: scmp_filter_ctx

  /// - Parameter listens: whether refused calls are told to ``listener``; otherwise they just fail.
  init(network: Bool, listens: Bool) throws(SandboxProblem) {
    guard let context = unsafe seccomp_init(Self.allow) else {
      throw SandboxProblem("seccomp gives no filter")
    }
    unsafe self.context = unsafe context
    unsafe seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, Self.killProcess)
    let refusal = listens ? Self.notify : Self.fail(EPERM)
    for name in Self.refused { try add(name, refusal) }
    for name in Self.unknown { try add(name, Self.fail(ENOSYS)) }
    if network {
      try addFamilies("socket", refusal, except: Self.networkFamilies)
    } else {
      try add("socket", refusal)
    }
    try addFamilies("socketpair", refusal, except: [Self.unixFamily])
    try addNamespaces(refusal)
    try addOthers(refusal)
    // TIOCSTI and TIOCLINUX put words into a terminal's input.
    for request: UInt64 in [0x5412, 0x541C] {
      try add("ioctl", refusal, argument: 1, 0xFFFF_FFFF, request)
    }
  }

  deinit { unsafe seccomp_release(context) }

  /// Binds this thread and whatever it starts; the listener's descriptor, where there is one.
  func load() throws(SandboxProblem) -> CInt? {
    let code = unsafe seccomp_load(context)
    guard code == 0 else { throw .system("seccomp does not load the filter", -code) }
    let listener = unsafe seccomp_notify_fd(context)
    return listener >= 0 ? listener : nil
  }

  private func add(_ name: String, _ action: UInt32) throws(SandboxProblem) {
    try add(name, action, [])
  }

  /// For calls whose `argument`, masked, has this value. Without the mask a caller could set bits that
  /// the kernel drops.
  private func add(
    _ name: String, _ action: UInt32, argument: UInt32, _ mask: UInt64, _ value: UInt64
  ) throws(SandboxProblem) {
    try add(
      name, action,
      [scmp_arg_cmp(arg: argument, op: SCMP_CMP_MASKED_EQ, datum_a: mask, datum_b: value)])
  }

  private func add(
    _ name: String, _ action: UInt32, _ comparisons: [scmp_arg_cmp]
  ) throws(SandboxProblem) {
    let number = unsafe seccomp_syscall_resolve_name(name)
    // -1: newer, or older, than this libseccomp. Other negative numbers are calls that this
    // architecture has not.
    guard number != -1 else {
      guard !Self.vital.contains(name) else {
        throw SandboxProblem("seccomp does not know \(name)")
      }
      return
    }
    let code = unsafe seccomp_rule_add_array(
      context, action, number, UInt32(comparisons.count), comparisons)
    guard code == 0 || number < 0 else {
      throw .system("seccomp refuses a rule for \(name)", -code)
    }
  }

  /// Refuses every family of sockets but these. Families are small numbers; a larger one has one of
  /// the upper bits.
  private func addFamilies(
    _ name: String, _ action: UInt32, except allowed: Set<UInt64>
  ) throws(SandboxProblem) {
    for family: UInt64 in 0..<64 where !allowed.contains(family) {
      try add(name, action, argument: 0, 0xFFFF_FFFF, family)
    }
    for bit in 6..<32 { try add(name, action, argument: 0, 1 << UInt64(bit), 1 << UInt64(bit)) }
  }

  /// Limits and priorities of other processes: the kernel asks only whether they are the same user's,
  /// so a hook could take the gateway its processor time or its files.
  private func addOthers(_ action: UInt32) throws(SandboxProblem) {
    func isSet(_ argument: UInt32) -> scmp_arg_cmp {
      scmp_arg_cmp(arg: argument, op: SCMP_CMP_NE, datum_a: 0, datum_b: 0)
    }
    try add("prlimit64", action, [isSet(0), isSet(2)])
    for name in ["setpriority", "ioprio_set"] { try add(name, action, [isSet(1)]) }
    for name in ["sched_setscheduler", "sched_setparam", "sched_setattr"] {
      try add(name, action, [isSet(0)])
    }
  }

  /// New namespaces by clone: CLONE_NEWTIME, NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET.
  private func addNamespaces(_ action: UInt32) throws(SandboxProblem) {
    for bit: UInt64 in [0x80] + (25...30).map({ 1 << UInt64($0) }) + [0x20000] {
      try add("clone", action, argument: 0, bit, bit)
    }
  }
}

/// Answers the calls that a ``SyscallFilter`` with a listener refuses.
@safe struct RefusedCalls: ~Copyable {
  let descriptor: CInt
  private var request: UnsafeMutablePointer<seccomp_notif>
  private var response: UnsafeMutablePointer<seccomp_notif_resp>

  init(_ descriptor: CInt) throws(SandboxProblem) {
    self.descriptor = descriptor
    var request: UnsafeMutablePointer<seccomp_notif>?
    var response: UnsafeMutablePointer<seccomp_notif_resp>?
    guard unsafe seccomp_notify_alloc(&request, &response) == 0, let request = unsafe request,
      let response = unsafe response
    else { throw SandboxProblem("seccomp gives no room for notifications") }
    unsafe self.request = unsafe request
    unsafe self.response = unsafe response
  }

  deinit { unsafe seccomp_notify_free(request, response) }

  /// Refuses one call that waits, and says which; nil if its process has gone meanwhile.
  mutating func refuseNext() -> String? {
    // The kernel wants both zeroed.
    unsafe UnsafeMutableRawPointer(request).initializeMemory(
      as: UInt8.self, repeating: 0, count: MemoryLayout<seccomp_notif>.size)
    guard unsafe seccomp_notify_receive(descriptor, request) == 0 else { return nil }
    unsafe response.pointee = seccomp_notif_resp(
      id: unsafe request.pointee.id, val: 0, error: -EPERM, flags: 0)
    let name = unsafe seccomp_syscall_resolve_num_arch(
      request.pointee.data.arch, request.pointee.data.nr)
    defer { unsafe free(name) }
    _ = unsafe seccomp_notify_respond(descriptor, response)
    return unsafe name.map { unsafe String(cString: $0) } ?? "an unknown call"
  }
}
