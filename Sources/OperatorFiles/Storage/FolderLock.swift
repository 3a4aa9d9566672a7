import Glibc
import Wire

/// Keeps two commands from editing files of one folder at the same time: both would read the old
/// text, and the later one would undo the earlier. The lock is on the folder itself, so nothing is
/// left behind; it is advisory, so editors are not held up.
struct FolderLock: ~Copyable {
  private let folder: Descriptor

  private static let attempts = 100
  private static let pause: useconds_t = 50_000

  private init(_ folder: consuming Descriptor) { self.folder = folder }

  static func take(_ path: String) throws(Problem) -> FolderLock {
    let folder = try Descriptor.open(path, O_RDONLY | O_DIRECTORY)
    for _ in 0..<attempts {
      if flock(folder.number, LOCK_EX | LOCK_NB) == 0 { return FolderLock(folder) }
      guard errno == EWOULDBLOCK || errno == EINTR else { throw .system("cannot be locked", path) }
      usleep(pause)
    }
    throw Problem(
      source: path, "another command is editing files here", hint: "try again when it has ended")
  }

  /// Makes what was renamed within the folder last.
  func synchronize() { fsync(folder.number) }
}
