import Glibc
import Wire

/// Folders of the log and of what belongs to it.
enum Folder {
  static func above(_ path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  static func name(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
  }

  static func exists(_ path: String) -> Bool {
    var status = stat()
    return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Makes the folder and those above it, closed to others; what exists stays as it is.
  static func make(_ path: String) throws(Problem) {
    if exists(path) { return }
    let parent = above(path)
    if parent != path { try make(parent) }
    guard unsafe mkdir(path, 0o700) == 0 || errno == EEXIST else {
      throw .system("cannot be made", path)
    }
  }

  /// Refuses a folder in which others could replace what we write.
  static func check(_ path: String) throws(Problem) {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { throw .system("cannot be examined", path) }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      throw Problem(source: path, "is no folder")
    }
    guard status.st_uid == geteuid(), status.st_mode & 0o022 == 0 else {
      throw Problem(
        source: path, "this folder must be yours and not writable by others",
        hint: "chmod go-w, or name another with --audit")
    }
  }

  /// The names of the files in it, in no order.
  static func names(in path: String) throws(Problem) -> [String] {
    guard let folder = unsafe opendir(path) else { throw .system("cannot be listed", path) }
    defer { unsafe closedir(folder) }
    var names: [String] = []
    while let entry = unsafe readdir(folder) {
      names.append(
        unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
          unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        })
    }
    return names
  }

  /// Makes what was made or renamed in it last.
  static func synchronize(_ path: String) throws(Problem) {
    guard let folder = try OpenFile.existing(path, O_RDONLY | O_DIRECTORY),
      fsync(folder.descriptor) == 0
    else { throw .system("cannot be made to last", path) }
  }
}
