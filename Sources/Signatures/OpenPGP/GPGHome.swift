import FoundationEssentials
import Glibc

/// A home folder for GnuPG that nobody else uses: the keys of one requirement and nothing of the
/// user's. It is gone with this object; what a killed gateway leaves, the next one removes.
final class GPGHome: Sendable {
  let path: String
  private let lock: Int32

  private static let prefix = "mcp-gateway-gpg-"
  private static let lockName = "owner.lock"
  /// A younger folder may be one that its owner has not locked yet.
  private static let youngest = 60

  /// - Parameter folder: where temporary files belong.
  init(in folder: String) throws(Rejection) {
    Self.sweep(folder)
    var template = Array("\(folder)/\(Self.prefix)XXXXXX".utf8CString)
    guard unsafe mkdtemp(&template) != nil else {
      throw Rejection(
        .keyUnusable, "no folder for keys can be made in \(folder) (errno \(errno))",
        hint: "set TMPDIR to a folder that can be written to")
    }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    lock = unsafe open("\(path)/\(Self.lockName)", O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
    guard lock >= 0, flock(lock, LOCK_EX | LOCK_NB) == 0, Self.write(Self.options, path) else {
      let code = errno
      if lock >= 0 { close(lock) }
      Self.remove(path)
      throw Rejection(.keyUnusable, "\(path) cannot be written to (errno \(code))")
    }
  }

  deinit {
    remove()
    close(lock)
  }

  /// Does not wait until the last reference is gone: the process may end before that.
  func remove() { Self.remove(path) }

  /// Written before GnuPG runs for the first time: without `no-autostart` the import would start an
  /// agent that outlives us. `max-output` bounds what a small compressed signature can become.
  static let options = """
    batch
    no-tty
    no-autostart
    disable-dirmngr
    no-auto-key-retrieve
    no-auto-key-locate
    no-auto-check-trustdb
    no-random-seed-file
    trust-model always
    weak-digest SHA1
    weak-digest RIPEMD160
    max-output \(SignedPayload.largest)

    """

  private static func write(_ text: String, _ path: String) -> Bool {
    let file = unsafe open("\(path)/gpg.conf", O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
    guard file >= 0 else { return false }
    defer { close(file) }
    let bytes = Array(text.utf8)
    return unsafe bytes.withUnsafeBytes { unsafe Glibc.write(file, $0.baseAddress, $0.count) }
      == bytes.count
  }

  /// Nobody can be told of what cannot be removed; the next start tries again.
  private static func remove(_ path: String) {
    try? FileManager.default.removeItem(atPath: path)
  }

  /// Removes the homes of gateways that were killed: the lock of a living one is taken.
  private static func sweep(_ folder: String) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    for name in names where name.hasPrefix(prefix) { sweepHome("\(folder)/\(name)") }
  }

  private static func sweepHome(_ path: String) {
    var status = stat()
    guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR,
      status.st_uid == geteuid(), Int(time(nil)) - Int(status.st_mtim.tv_sec) > youngest
    else { return }
    let lock = unsafe open("\(path)/\(lockName)", O_RDWR | O_CLOEXEC | O_NOFOLLOW)
    guard lock >= 0 else { return errno == ENOENT ? remove(path) : () }
    if flock(lock, LOCK_EX | LOCK_NB) == 0 { remove(path) }
    close(lock)
  }
}
