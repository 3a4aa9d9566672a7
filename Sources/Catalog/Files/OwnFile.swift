import Glibc
import Wire

/// A file of the operator that decides who gets in: nobody else may be able to read it, or to write
/// what we would then believe.
public enum OwnFile {
  /// Nil if there is no such file.
  public static func readPrivate(
    _ path: String, maximumBytes: Int
  ) throws(Problem) -> [UInt8]? {
    guard let file = try read(path, maximumBytes) else { return nil }
    guard file.owner == geteuid() else {
      throw Problem(
        source: path, "belongs to another user, so it is not used",
        hint: "give it to yourself: chown")
    }
    guard file.mode & 0o077 == 0 else {
      throw Problem(
        source: path, "can be read or written by others, so it is not used",
        hint: "chmod 600 '\(path)', and replace the tokens that others may have read")
    }
    return file.bytes
  }

  /// A file that is no secret, but must be the operator's word: keys, for example.
  public static func readPublic(
    _ path: String, maximumBytes: Int
  ) throws(Problem) -> [UInt8]? {
    guard let file = try read(path, maximumBytes) else { return nil }
    guard file.owner == geteuid() || file.owner == 0, file.mode & 0o022 == 0 else {
      throw Problem(
        source: path, "can be written by others, so it is not used",
        hint: "make it yours and chmod go-w '\(path)'")
    }
    return file.bytes
  }

  private static func read(
    _ path: String, _ maximumBytes: Int
  ) throws(Problem) -> (bytes: [UInt8], mode: UInt32, owner: UInt32)? {
    switch LocalFile.read(path, maximumBytes: maximumBytes) {
    case .missing: return nil
    case .folder: throw Problem(source: path, "is a folder")
    case .unreadable(let reason): throw Problem(source: path, "cannot be read: \(reason)")
    case .file(let bytes, let mode, let owner): return (bytes, mode, owner)
    }
  }
}
