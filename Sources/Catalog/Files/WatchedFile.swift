import Glibc

/// A file that was read or would be if it existed, and what it was just before it was looked at: if
/// it is something else now, the reading is out of date.
public struct WatchedFile: Sendable, Hashable {
  /// Absolute.
  public var path: String
  private var stamp: FileStamp

  /// As it is now; to be made before the file is read, so that no change can fall between the two.
  public init(_ path: String) {
    self.path = path
    stamp = FileStamp(path)
  }

  public var hasChanged: Bool { FileStamp(path) != stamp }
}

/// Enough of a file to see that it is another one or holds something else.
private struct FileStamp: Sendable, Hashable {
  private var device: UInt = 0
  private var inode: UInt = 0
  private var size = 0
  private var modified: [Int] = []

  init(_ path: String) {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return }
    device = UInt(status.st_dev)
    inode = UInt(status.st_ino)
    size = Int(status.st_size)
    modified = [
      status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec, status.st_ctim.tv_nsec,
    ]
  }
}
