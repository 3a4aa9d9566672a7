import Glibc
import Wire

/// A file of the log's that is open; closed, and its lock given back, when it goes away.
final class OpenFile: Sendable {
  let path: String
  let descriptor: Int32

  private init(_ path: String, _ descriptor: Int32) {
    self.path = path
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// Never follows a link in the last place: who can put one there could choose what we write to.
  /// Never waits, as opening a pipe would. Nil if there is nothing at `path`.
  static func existing(_ path: String, _ flags: Int32) throws(Problem) -> OpenFile? {
    let descriptor = unsafe open(path, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    if descriptor < 0, errno == ENOENT { return nil }
    guard descriptor >= 0 else { throw .system("cannot be opened", path) }
    return OpenFile(path, descriptor)
  }

  /// Makes a file that only its owner can read. Throws if there is something at `path`.
  static func make(_ path: String) throws(Problem) -> OpenFile {
    let flags = O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
    let descriptor = unsafe open(path, flags, 0o600)
    guard descriptor >= 0 else { throw .system("cannot be made", path) }
    return OpenFile(path, descriptor)
  }

  /// The same open file under another name.
  func renamed(_ path: String) -> OpenFile? {
    let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
    return copy < 0 ? nil : OpenFile(path, copy)
  }

  func status() throws(Problem) -> stat {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw .system("cannot be examined", path) }
    return status
  }

  /// Whether nobody else writes to it; holds while this object lives. False if another does.
  func lock() throws(Problem) -> Bool {
    var result: Int32
    repeat { result = flock(descriptor, LOCK_EX | LOCK_NB) } while result != 0 && errno == EINTR
    if result == 0 { return true }
    guard errno == EWOULDBLOCK else { throw .system("cannot be locked", path) }
    return false
  }

  /// Whether `path` still leads to this file: another gateway may have replaced it before we had the
  /// lock.
  func isStillThere() throws(Problem) -> Bool { try isAt(path) }

  func isAt(_ path: String) throws(Problem) -> Bool {
    var there = stat()
    guard unsafe lstat(path, &there) == 0 else { return false }
    let ours = try status()
    return there.st_ino == ours.st_ino && there.st_dev == ours.st_dev
  }

  /// Up to `count` bytes from `offset` on.
  func read(at offset: Int, _ count: Int) throws(Problem) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var filled = 0
    while filled < count {
      let got = unsafe bytes.withUnsafeMutableBytes {
        unsafe pread(
          descriptor, $0.baseAddress?.advanced(by: filled), count - filled, offset + filled)
      }
      if got < 0 && errno == EINTR { continue }
      guard got >= 0 else { throw .system("cannot be read", path) }
      if got == 0 { break }
      filled += got
    }
    bytes.removeLast(count - filled)
    return bytes
  }

  func read(atMost limit: Int) throws(Problem) -> [UInt8] {
    let bytes = try read(at: 0, limit + 1)
    guard bytes.count <= limit else {
      throw Problem(source: path, "is larger than \(limit) bytes")
    }
    return bytes
  }

  func write(_ bytes: [UInt8]) throws(Problem) {
    let (written, code) = append(bytes)
    guard written == bytes.count else { throw .system("cannot be written", path, code) }
  }

  /// Writes as much as there is room for, as a rule with one call of the system; how much that was,
  /// and why it was not all.
  func append(_ bytes: [UInt8]) -> (written: Int, errno: Int32) {
    var written = 0
    while written < bytes.count {
      let count = unsafe bytes.withUnsafeBytes {
        unsafe Glibc.write(descriptor, $0.baseAddress?.advanced(by: written), bytes.count - written)
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return (written, count < 0 ? errno : EIO) }
      written += count
    }
    return (written, 0)
  }

  func truncate(to size: Int) -> Bool {
    var result: Int32
    repeat { result = ftruncate(descriptor, size) } while result != 0 && errno == EINTR
    return result == 0
  }

  /// Waits until what was written would outlast a loss of power.
  func synchronize() throws(Problem) {
    guard fdatasync(descriptor) == 0 else { throw .system("cannot be made to last", path) }
  }
}

extension Problem {
  /// What the system said about the call that failed.
  static func system(_ doing: String, _ path: String, _ code: Int32 = errno) -> Problem {
    let reason = unsafe String(cString: strerror(code))
    return Problem(source: path, "\(doing): \(reason)")
  }
}
