import Glibc
import Wire

/// A file of the operator. It is replaced whole or not at all: whoever reads it meanwhile, a
/// running gateway included, sees the old text or the new one, never half of it.
public struct OperatorFile: Sendable, Hashable {
  public let path: String
  /// Mode of a file that does not exist yet; an existing one keeps its own.
  let newMode: mode_t
  let newFolderMode: mode_t

  static let largest = 32 << 20

  public init(_ path: String, isShared: Bool = false) {
    self.path = path
    newMode = isShared ? 0o644 : 0o600
    newFolderMode = isShared ? 0o755 : 0o700
  }

  /// Nil if there is no file.
  public func read() throws(Problem) -> [UInt8]? {
    try existing(try FilePath.following(path))?.bytes
  }

  /// Replaces the text by what `change` makes of it (nil: there is no file); returning nil leaves
  /// everything as it is. True if something was written.
  @discardableResult
  public func edit(
    _ change: ([UInt8]?) throws(Problem) -> [UInt8]?
  ) throws(Problem) -> Bool {
    let target = try FilePath.following(path)
    let folder = FilePath.folder(of: target)
    // A change that fails must not leave a new folder behind.
    if try !FilePath.exists(folder) {
      guard try change(nil) != nil else { return false }
      try FilePath.makeFolder(folder, mode: newFolderMode)
    }
    let lock = try FolderLock.take(folder)
    let old = try existing(target)
    guard let new = try change(old?.bytes), new != old?.bytes else { return false }
    try replace(target, with: new, like: old?.status)
    lock.synchronize()
    return true
  }

  /// Takes the file away. False if there was none.
  @discardableResult
  public func remove() throws(Problem) -> Bool {
    guard try FilePath.exists(path) else { return false }
    let lock = try FolderLock.take(FilePath.folder(of: path))
    guard unsafe unlink(path) == 0 else { throw .system("cannot be removed", path) }
    lock.synchronize()
    return true
  }

  private struct Existing {
    let bytes: [UInt8]
    let status: stat
  }

  private func existing(_ target: String) throws(Problem) -> Existing? {
    guard try FilePath.exists(target) else { return nil }
    let file = try Descriptor.open(target, O_RDONLY)
    let status = try file.status(path)
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw Problem(source: path, "is not a regular file")
    }
    return Existing(bytes: try file.readAll(path, atMost: Self.largest), status: status)
  }

  private func replace(
    _ target: String, with bytes: [UInt8], like old: stat?
  ) throws(Problem) {
    let random = String(UInt64.random(in: .min ... .max), radix: 36)
    let temporary = "\(FilePath.folder(of: target))/.\(FilePath.name(of: target)).\(random)"
    do throws(Problem) {
      try write(bytes, to: temporary, like: old)
      guard unsafe rename(temporary, target) == 0 else {
        throw .system("cannot be replaced", path)
      }
    } catch {
      unsafe unlink(temporary)
      throw error
    }
  }

  private func write(
    _ bytes: [UInt8], to temporary: String, like old: stat?
  ) throws(Problem) {
    let file = try Descriptor.open(
      temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600)
    if let old, old.st_uid != geteuid() || old.st_gid != getegid() {
      guard fchown(file.number, old.st_uid, old.st_gid) == 0 else {
        throw .system("belongs to somebody else, whom a new file cannot be given", path)
      }
    }
    guard fchmod(file.number, old.map { $0.st_mode & 0o7777 } ?? newMode) == 0 else {
      throw .system("cannot be given its mode", path)
    }
    try file.writeAll(bytes, path)
    guard fsync(file.number) == 0 else { throw .system("cannot be made to last", path) }
  }
}
