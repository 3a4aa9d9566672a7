import Glibc

/// A regular file of limited size, or why it is none. A pipe or device in its place must not make
/// the gateway wait.
enum BoundedFile {
  enum Flaw: Error, Sendable, Hashable, CustomStringConvertible {
    case missing
    case unreadable(Int32)
    case notAFile
    case tooLarge(limit: Int)

    /// After the file's name.
    var description: String {
      switch self {
      case .missing: "does not exist"
      case .unreadable(let code):
        "cannot be read (\(unsafe String(cString: strerror(code))))"
      case .notAFile: "is not a regular file"
      case .tooLarge(let limit): "is larger than \(limit) bytes"
      }
    }
  }

  static func bytes(at path: String, limit: Int) throws(Flaw) -> [UInt8] {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw errno == ENOENT || errno == ENOTDIR ? .missing : .unreadable(errno)
    }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw .unreadable(errno) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .notAFile }
    guard status.st_size <= limit else { throw .tooLarge(limit: limit) }
    return try contents(of: descriptor, limit: limit)
  }

  /// The file may grow while it is read.
  private static func contents(of descriptor: Int32, limit: Int) throws(Flaw) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = unsafe chunk.withUnsafeMutableBytes {
        unsafe read(descriptor, $0.baseAddress, $0.count)
      }
      if count == 0 { return bytes }
      guard count > 0 else {
        if errno == EINTR { continue }
        throw .unreadable(errno)
      }
      bytes += chunk.prefix(count)
      guard bytes.count <= limit else { throw .tooLarge(limit: limit) }
    }
  }
}
