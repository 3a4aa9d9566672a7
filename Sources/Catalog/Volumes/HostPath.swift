import Glibc

/// Paths of the host, looked at without following anything unseen.
enum HostPath {
  /// What stands at a path.
  enum Kind: Sendable, Hashable { case missing, file, folder, other }

  /// Why a path cannot be looked at.
  struct Unreadable: Error { var path: String }

  /// Without empty parts, `.` and `..`; an absolute path stays absolute.
  static func clean(_ path: String) -> String {
    var parts: [Substring] = []
    for part in path.split(separator: "/") where part != "." {
      if part == "..", let last = parts.last, last != ".." {
        parts.removeLast()
      } else if part != ".." || !path.hasPrefix("/") {
        parts.append(part)
      }
    }
    return (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
  }

  /// The path with every symbolic link on the way followed, also where the end does not exist: a
  /// link to nowhere leads there once somebody creates it.
  static func resolvingLinks(_ path: String) throws(Unreadable) -> String {
    var pending = Array(clean(path).split(separator: "/").map(String.init).reversed())
    var resolved = ""
    var links = 0
    while let part = pending.popLast() {
      if part == "." { continue }
      if part == ".." {
        resolved = String(resolved[..<(resolved.lastIndex(of: "/") ?? resolved.startIndex)])
        continue
      }
      let next = resolved + "/" + part
      guard let target = try linkTarget(next) else {
        resolved = next
        continue
      }
      links += 1
      guard links <= 40 else { throw Unreadable(path: path) }
      if target.hasPrefix("/") { resolved = "" }
      pending += target.split(separator: "/").map(String.init).reversed()
    }
    return resolved.isEmpty ? "/" : resolved
  }

  /// Nil for what is no link, or not there at all.
  private static func linkTarget(_ path: String) throws(Unreadable) -> String? {
    var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let length = unsafe readlink(path, &buffer, buffer.count)
    if length >= 0 { return String(decoding: buffer.prefix(length), as: UTF8.self) }
    // EINVAL: something else than a link.
    guard errno == EINVAL || errno == ENOENT || errno == ENOTDIR else {
      throw Unreadable(path: path)
    }
    return nil
  }

  static func kind(of path: String) throws(Unreadable) -> Kind {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else {
      guard errno == ENOENT || errno == ENOTDIR else { throw Unreadable(path: path) }
      return .missing
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return .file
    case S_IFDIR: return .folder
    default: return .other
    }
  }

  /// Whether `path` is `folder` or below it; both clean.
  static func isInside(_ path: String, _ folder: String) -> Bool {
    path == folder || path.hasPrefix(folder == "/" ? "/" : folder + "/")
  }
}
