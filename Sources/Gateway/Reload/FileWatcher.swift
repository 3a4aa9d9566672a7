import Catalog
import Dispatch
import Glibc

/// Says when one of some files is no longer what it was when it was read.
///
/// It watches folders, not files: editors and config maps replace a file by renaming another over
/// it, and a watch on the old inode would never speak again. Folders that do not exist yet are
/// awaited through the nearest one that does. What counts is whether the files differ from what was
/// read, so neighbours in the same folder cause nothing, and a change that came before the watch is
/// seen as well.
struct FileWatcher: Sendable {
  /// Changes come in bursts (write, chmod, rename); they are taken together after this much quiet.
  static let quietMilliseconds: Int32 = 300
  /// A folder in which something happens all the time is looked at this often all the same.
  static let longestBurst = Duration.seconds(2)

  enum Outcome: Sendable, Equatable {
    case changed
    /// The task was cancelled.
    case stopped
    /// The system gives us no watch.
    case failed(errno: Int32)
  }

  private let files: [WatchedFile]
  private let stopping = WakePipe()

  init(_ files: [WatchedFile]) { self.files = files }

  /// Waits for the first change, on a thread of its own. Asked for once.
  func change() async -> Outcome {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        DispatchQueue(label: "gateway.files").async { continuation.resume(returning: watch()) }
      }
    } onCancel: {
      stopping.wake()
    }
  }

  private func watch() -> Outcome {
    let descriptor = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
    guard descriptor >= 0 else { return .failed(errno: errno) }
    defer { close(descriptor) }
    guard stopping.isUsable else { return .failed(errno: EMFILE) }
    if let error = arm(descriptor) { return .failed(errno: error) }
    // What changed between the reading and the watch makes no event.
    var isDue = files.contains(where: \.hasChanged)
    while isDue || wait(descriptor, -1) == .event {
      guard settle(descriptor) else { break }
      // New folders may have appeared, and symlinks may lead elsewhere now.
      if let error = arm(descriptor) { return .failed(errno: error) }
      if files.contains(where: \.hasChanged) { return .changed }
      isDue = false
    }
    return .stopped
  }

  /// Watches the folders as they are. Done again until they stay the same meanwhile: one that appears
  /// between the look and the watch would be missed. Nil if it went well, else why not.
  private func arm(_ descriptor: Int32) -> Int32? {
    let events = UInt32(
      IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_ATTRIB
        | IN_DELETE_SELF | IN_MOVE_SELF)
    let paths = files.map(\.path)
    var watched: Set<String> = []
    for _ in 0..<10 {
      let folders = WatchedFolders.of(paths)
      guard folders != watched else { break }
      for folder in folders {
        let isWatched = unsafe inotify_add_watch(descriptor, folder, events) >= 0
        // One that has just gone or that we may not read says nothing of the others.
        if !isWatched, errno == ENOSPC || errno == ENOMEM { return errno }
      }
      watched = folders
    }
    return nil
  }

  /// Takes a burst of events together; false when it is time to stop. The events themselves do not
  /// matter, only that there were some.
  private func settle(_ descriptor: Int32) -> Bool {
    let latest = ContinuousClock.now + Self.longestBurst
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    while true {
      while (unsafe read(descriptor, &buffer, buffer.count)) > 0 {}
      switch wait(descriptor, Self.quietMilliseconds) {
      case .timeout: return true
      case .stop: return false
      case .event: if .now >= latest { return true }
      }
    }
  }

  private enum Waited { case event, stop, timeout }

  private func wait(_ descriptor: Int32, _ milliseconds: Int32) -> Waited {
    var polled = [
      pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0), stopping.entry,
    ]
    var count: Int32
    repeat { count = unsafe poll(&polled, 2, milliseconds) } while count < 0 && errno == EINTR
    if count < 0 || polled[1].revents != 0 { return .stop }
    return count == 0 ? .timeout : .event
  }
}
