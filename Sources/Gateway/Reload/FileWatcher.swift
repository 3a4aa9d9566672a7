import Dispatch
import Glibc
import Synchronization

/// Says when one of some files may have changed.
///
/// It watches folders, not files: editors and config maps replace a file by renaming another over
/// it, and a watch on the old inode would never speak again. Folders that do not exist yet are
/// awaited through the nearest one that does. What counts is whether the files differ afterwards,
/// so neighbours in the same folder cause nothing.
final class FileWatcher: Sendable {
  /// Changes come in bursts (write, chmod, rename); they are taken together after this much quiet.
  static let quietMilliseconds: Int32 = 300

  private let files: [String]
  private let wake: (read: Int32, write: Int32)

  init(files: [String]) {
    self.files = files
    var ends: [Int32] = [-1, -1]
    _ = unsafe pipe(&ends)
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    wake = (ends[0], ends[1])
  }

  deinit {
    close(wake.read)
    close(wake.write)
  }

  /// One element for each change; ends when the task that reads it is cancelled, or at once if the
  /// system gives us no watch.
  func changes() -> AsyncStream<Void> {
    let (stream, continuation) = AsyncStream.makeStream(
      of: Void.self, bufferingPolicy: .bufferingNewest(1))
    continuation.onTermination = { [self] _ in
      var byte: UInt8 = 1
      _ = unsafe write(wake.write, &byte, 1)
    }
    DispatchQueue(label: "gateway.files").async { [self] in
      watch { continuation.yield() }
      continuation.finish()
    }
    return stream
  }

  private func watch(_ changed: () -> Void) {
    let descriptor = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    arm(descriptor)
    var known = files.map(FileIdentity.init)
    while waitForEvent(descriptor) {
      repeat { drain(descriptor) } while wait(descriptor, Self.quietMilliseconds) == .event
      // New folders may have appeared, and symlinks may lead elsewhere now.
      arm(descriptor)
      let current = files.map(FileIdentity.init)
      if current != known {
        known = current
        changed()
      }
    }
  }

  private func arm(_ descriptor: Int32) {
    let events = UInt32(
      IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_ATTRIB
        | IN_DELETE_SELF | IN_MOVE_SELF)
    for folder in WatchedFolders.of(files) {
      _ = unsafe inotify_add_watch(descriptor, folder, events)
    }
  }

  private enum Waited { case event, stop, timeout }

  private func waitForEvent(_ descriptor: Int32) -> Bool { wait(descriptor, -1) == .event }

  private func wait(_ descriptor: Int32, _ milliseconds: Int32) -> Waited {
    var polled = [
      pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
      pollfd(fd: wake.read, events: Int16(POLLIN), revents: 0),
    ]
    var count: Int32
    repeat { count = unsafe poll(&polled, 2, milliseconds) } while count < 0 && errno == EINTR
    if count < 0 || polled[1].revents != 0 { return .stop }
    return count == 0 ? .timeout : .event
  }

  /// The events themselves do not matter, only that there were some.
  private func drain(_ descriptor: Int32) {
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    while (unsafe read(descriptor, &buffer, buffer.count)) > 0 {}
  }
}

/// Enough of a file to see that it is another one or holds something else.
struct FileIdentity: Hashable {
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

/// The folders in which a change to some files shows.
enum WatchedFolders {
  private static let mostLinks = 16

  static func of(_ files: [String]) -> Set<String> {
    var folders: Set<String> = []
    for file in files {
      var path = file
      for _ in 0..<mostLinks {
        folders.insert(nearestExisting(parent(of: path)))
        guard let target = linkTarget(path) else { break }
        path = target.hasPrefix("/") ? target : parent(of: path) + "/" + target
      }
      // A link further up the path (a config map's `..data`) leads here.
      if let real = unsafe realpath(file, nil) {
        folders.insert(parent(of: unsafe String(cString: real)))
        unsafe free(real)
      }
    }
    return folders
  }

  private static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private static func nearestExisting(_ folder: String) -> String {
    var folder = folder
    while (unsafe access(folder, F_OK)) != 0, folder != "/", folder != "." {
      folder = parent(of: folder)
    }
    return folder
  }

  private static func linkTarget(_ path: String) -> String? {
    var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = unsafe buffer.withUnsafeMutableBytes {
      unsafe $0.baseAddress.map {
        unsafe readlink(path, $0.assumingMemoryBound(to: CChar.self), Int(PATH_MAX))
      } ?? -1
    }
    return count > 0 ? String(decoding: buffer.prefix(count), as: UTF8.self) : nil
  }
}
