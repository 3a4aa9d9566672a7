import Glibc
import Wire

/// Where a path leads.
enum FilePath {
  /// Most systems stop following links after as many.
  private static let mostLinks = 40

  static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  static func name(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
  }

  /// The file behind symbolic links, which need not exist yet: people keep their settings in a
  /// repository and link to them, and replacing the link would cut them off.
  static func following(_ path: String) throws(Problem) -> String {
    // The system would stop reading there, and another file would be meant.
    guard !path.utf8.contains(0) else {
      throw Problem(source: path.filter { $0 != "\0" }, "the path holds a NUL character")
    }
    var current = path
    for _ in 0..<mostLinks {
      guard let target = target(of: current) else { return current }
      current = target.hasPrefix("/") ? target : "\(folder(of: current))/\(target)"
    }
    throw Problem(source: path, "is a loop of symbolic links")
  }

  /// Nil if it is no symbolic link.
  static func target(of path: String) -> String? {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let size = buffer.count
    let count = unsafe readlink(path, &buffer, size)
    return count > 0
      ? String(decoding: buffer.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self) : nil
  }

  /// Throws where nobody can say: what may not be looked at is not missing.
  static func exists(_ path: String) throws(Problem) -> Bool {
    if unsafe access(path, F_OK) == 0 { return true }
    guard errno == ENOENT || errno == ENOTDIR else { throw .system("cannot be examined", path) }
    return false
  }

  /// Makes the folder and those above it; what exists stays as it is.
  static func makeFolder(_ path: String, mode: mode_t) throws(Problem) {
    if try exists(path) { return }
    try makeFolder(folder(of: path), mode: mode)
    guard unsafe mkdir(path, mode) == 0 || errno == EEXIST else {
      throw .system("cannot be created", path)
    }
  }
}
