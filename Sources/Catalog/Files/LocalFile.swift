import Glibc

/// Reading of the operator's files; the only place that does.
enum LocalFile {
  enum Content: Sendable, Hashable {
    case missing
    /// `mode` has the permission bits; `owner` is a user's number.
    case file(bytes: [UInt8], mode: UInt32, owner: UInt32)
    case folder
    /// Why it cannot be read.
    case unreadable(String)
  }

  /// Reads a regular file whole. Opening never waits, which a pipe without a writer would do.
  static func read(_ path: String, maximumBytes: Int) -> Content {
    guard !path.utf8.contains(0) else { return .unreadable("its name holds a NUL character") }
    let descriptor = unsafe open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else {
      return errno == ENOENT || errno == ENOTDIR ? .missing : .unreadable(lastError)
    }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { return .unreadable(lastError) }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return bytes(of: descriptor, status, maximumBytes)
    case S_IFDIR: return .folder
    default: return .unreadable("it is no regular file")
    }
  }

  private static func bytes(
    of descriptor: Int32, _ status: stat, _ maximumBytes: Int
  ) -> Content {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = unsafe Glibc.read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { return .unreadable(lastError) }
      if count == 0 {
        return .file(bytes: bytes, mode: status.st_mode & 0o7777, owner: status.st_uid)
      }
      bytes += chunk[..<count]
      guard bytes.count <= maximumBytes else {
        return .unreadable("it is larger than \(maximumBytes) bytes")
      }
    }
  }

  private static var lastError: String { unsafe String(cString: strerror(errno)) }
}
