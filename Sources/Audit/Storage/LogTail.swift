import Crypto
import Glibc
import Wire

/// The end of a log's file as the last writer left it.
struct LogTail: Sendable {
  /// Half a line: the writer died, or lost power, in the middle of it. Its answer never left.
  struct Torn: Sendable, Hashable {
    let bytes: Int
    let digest: String
  }

  /// The last record; nil in a file that holds none.
  let record: RecordLine?
  let torn: Torn?
  /// Bytes up to the end of the last whole line.
  let wholeSize: Int

  /// Throws if the last whole line is no record: then more has happened than a crash.
  init(of file: OpenFile) throws(Problem) {
    let size = Int(try file.status().st_size)
    let window = min(size, 2 * RecordForm.longest)
    let bytes = try file.read(at: size - window, window)
    let lineBreak = UInt8(ascii: "\n")
    guard let end = bytes.lastIndex(of: lineBreak) else {
      guard window == size else { throw Self.damage(file, "has no line in its last 2 MiB") }
      (record, wholeSize) = (nil, 0)
      torn = Self.torn(bytes[...])
      return
    }
    let start = bytes[..<end].lastIndex(of: lineBreak).map { $0 + 1 } ?? 0
    guard start > 0 || window == size else {
      throw Self.damage(file, "ends in a line of over 1 MiB")
    }
    do { record = try RecordLine(Array(bytes[start..<end])) } catch {
      throw Self.damage(file, "its last line is damaged: \(error)")
    }
    wholeSize = size - (bytes.count - end - 1)
    torn = Self.torn(bytes[(end + 1)...])
  }

  private static func torn(_ bytes: ArraySlice<UInt8>) -> Torn? {
    bytes.isEmpty ? nil : Torn(bytes: bytes.count, digest: Fingerprint.sha256(bytes))
  }

  private static func damage(_ file: OpenFile, _ what: String) -> Problem {
    Problem(source: file.path, what)
  }
}
