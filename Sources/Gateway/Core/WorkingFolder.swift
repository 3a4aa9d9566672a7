import Glibc

enum WorkingFolder {
  /// The process's working folder; `/` if it has been removed.
  static var path: String {
    guard let text = unsafe getcwd(nil, 0) else { return "/" }
    defer { unsafe free(text) }
    return unsafe String(cString: text)
  }
}
