import Glibc
import Wire

extension Problem {
  /// What the system said about the last call that failed.
  static func system(_ doing: String, _ path: String) -> Problem {
    let reason = unsafe String(cString: strerror(errno))
    return Problem(source: path, "\(doing): \(reason)")
  }
}
