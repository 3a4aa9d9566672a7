import Glibc

/// What a process has started, and what those have started. The process is a subreaper: what loses
/// its parent becomes its child, so nothing can leave the tree.
struct ProcessTree {
  private let root = getpid()

  /// Everything below us, as the kernel tells it.
  func members() -> [pid_t] {
    var found: [pid_t] = []
    var open = [root]
    while let process = open.popLast() {
      let children = Self.children(of: process)
      found += children
      open += children
    }
    return found
  }

  /// Ends everything below us, and takes what it leaves behind; returns when nothing is left.
  ///
  /// Stopping comes before killing: a process that is stopped starts no other while we look.
  func end() {
    while true {
      var seen: Set<pid_t> = []
      var fresh = members()
      while !fresh.isEmpty {
        for process in fresh { kill(process, SIGSTOP) }
        seen.formUnion(fresh)
        fresh = members().filter { !seen.contains($0) }
      }
      for process in seen { kill(process, SIGKILL) }
      if reap() { return }
      usleep(500)
    }
  }

  /// Takes the children that have ended; whether there are none left.
  func reap() -> Bool {
    while true {
      let found = waitpid(-1, nil, WNOHANG)
      if found == 0 { return false }
      if found < 0, errno != EINTR { return true }
    }
  }

  /// Each thread has children of its own.
  private static func children(of process: pid_t) -> [pid_t] {
    guard let folder = unsafe opendir("/proc/\(process)/task") else { return [] }
    defer { unsafe closedir(folder) }
    var found: [pid_t] = []
    while let entry = unsafe readdir(folder) {
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) {
        unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      if let thread = pid_t(name) { found += children(of: process, thread) }
    }
    return found
  }

  private static func children(of process: pid_t, _ thread: pid_t) -> [pid_t] {
    let path = "/proc/\(process)/task/\(thread)/children"
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return [] }
    defer { close(descriptor) }
    var text: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16 << 10)
    while true {
      let count = unsafe read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      text += chunk.prefix(count)
    }
    return text.split(separator: UInt8(ascii: " ")).compactMap {
      pid_t(String(decoding: $0, as: UTF8.self))
    }
  }
}
