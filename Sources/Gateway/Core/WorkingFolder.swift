import Glibc

enum WorkingFolder {
  /// A path as it is meant in the working folder.
  static func absolute(_ path: String) -> String {
    path.hasPrefix("/") ? path : "\(Self.path)/\(path)"
  }

  /// The process's working folder; `/` if it has been removed.
  static var path: String {
    guard let text = unsafe getcwd(nil, 0) else { return "/" }
    defer { unsafe free(text) }
    return unsafe String(cString: text)
  }
}
