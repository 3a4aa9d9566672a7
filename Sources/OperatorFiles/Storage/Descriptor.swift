import Glibc
import Wire

/// An open file that is closed when it goes away.
struct Descriptor: ~Copyable {
  let number: CInt

  /// Takes over a descriptor that is open already.
  init(owning number: CInt) { self.number = number }

  /// Opening never waits, which a pipe without a writer would do.
  static func open(
    _ path: String, _ flags: CInt, mode: mode_t = 0
  ) throws(Problem) -> Descriptor {
    let number = unsafe Glibc.open(path, flags | O_CLOEXEC | O_NONBLOCK, mode)
    guard number >= 0 else { throw .system("cannot be opened", path) }
    return Descriptor(owning: number)
  }

  deinit { close(number) }

  func status(_ path: String) throws(Problem) -> stat {
    var status = stat()
    guard unsafe fstat(number, &status) == 0 else { throw .system("cannot be examined", path) }
    return status
  }

  func readAll(_ path: String, atMost limit: Int) throws(Problem) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = unsafe read(number, &chunk, chunk.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw .system("cannot be read", path) }
      if count == 0 { return bytes }
      bytes += chunk.prefix(count)
      guard bytes.count <= limit else {
        throw Problem(source: path, "is larger than \(limit) bytes")
      }
    }
  }

  func writeAll(_ bytes: [UInt8], _ path: String) throws(Problem) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe write(number, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw .system("cannot be written", path) }
      rest = rest.dropFirst(count)
    }
  }
}
