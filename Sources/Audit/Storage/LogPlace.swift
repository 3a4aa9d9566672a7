import Glibc
import Wire

/// Where logs are: a folder of them, or one file.
///
/// In a folder each gateway that runs at the same time has a log of its own, in files
/// `LOG-NUMBER.jsonl`; one that starts goes on with a log that nobody writes to. A file is one log;
/// what was rotated out of it is beside it, as `FILE.1`, `FILE.2` and so on, the oldest first.
public enum LogPlace: Sendable, Hashable {
  case folder(String)
  case file(String)

  /// A path that ends in `/`, or where a folder is, means a folder.
  public init(_ path: String) {
    let isFolder = path.hasSuffix("/") || Folder.exists(path)
    var bare = path[...]
    while bare.count > 1, bare.hasSuffix("/") { bare = bare.dropLast() }
    self = isFolder ? .folder(String(bare)) : .file(path)
  }

  public var path: String {
    switch self {
    case .folder(let path), .file(let path): path
    }
  }
}

/// The files of one log, in the order in which they were written.
struct LogFiles: Sendable, Hashable {
  /// Nil in a log that is one file by name.
  let log: LogID?
  let files: [String]

  /// The logs at a place, in order of their names. None is no error.
  static func all(at place: LogPlace) throws(Problem) -> [LogFiles] {
    switch place {
    case .folder(let path): return try inFolder(path)
    case .file(let path):
      let files = try rotated(path).map(\.path) + (exists(path) ? [path] : [])
      return files.isEmpty ? [] : [LogFiles(log: nil, files: files)]
    }
  }

  static func name(_ log: LogID, _ number: Int) -> String {
    let digits = String(number)
    return "\(log)-\(String(repeating: "0", count: max(0, 6 - digits.count)))\(digits).jsonl"
  }

  /// The log and number of a file's name; nil for other files.
  static func parts(of name: String) -> (log: LogID, number: Int)? {
    guard name.hasSuffix(".jsonl"), let dash = name.firstIndex(of: "-"),
      let log = LogID(name[..<dash]),
      let number = Int(name[name.index(after: dash)...].dropLast(6)), number > 0,
      Self.name(log, number) == name
    else { return nil }
    return (log, number)
  }

  private static func inFolder(_ path: String) throws(Problem) -> [LogFiles] {
    guard Folder.exists(path) else { return [] }
    let found = try Folder.names(in: path).compactMap { name in
      parts(of: name).map { (log: $0.log, number: $0.number, path: "\(path)/\(name)") }
    }
    return Dictionary(grouping: found, by: \.log)
      .map { log, files in
        LogFiles(log: log, files: files.sorted { $0.number < $1.number }.map(\.path))
      }
      .sorted { ($0.log?.description ?? "") < ($1.log?.description ?? "") }
  }

  /// What was rotated out of a file. A rotation that was interrupted has left the file under both
  /// names; then it has not happened.
  static func rotated(_ path: String) throws(Problem) -> [(path: String, number: Int)] {
    let name = Folder.name(of: path) + "."
    let folder = Folder.above(path)
    guard Folder.exists(folder) else { return [] }
    return try Folder.names(in: folder).compactMap { other -> (path: String, number: Int)? in
      guard other.hasPrefix(name), let number = Int(other.dropFirst(name.count)), number > 0,
        String(number) == other.dropFirst(name.count)
      else { return nil }
      let old = "\(folder)/\(other)"
      return isSameFile(old, path) ? nil : (old, number)
    }.sorted { $0.number < $1.number }
  }

  private static func exists(_ path: String) -> Bool {
    var status = stat()
    return unsafe lstat(path, &status) == 0
  }

  static func isSameFile(_ one: String, _ other: String) -> Bool {
    var (first, second) = (stat(), stat())
    guard unsafe lstat(one, &first) == 0, unsafe lstat(other, &second) == 0 else { return false }
    return first.st_ino == second.st_ino && first.st_dev == second.st_dev
  }
}
