import Glibc
import Wire

/// A folder whose files together are the operator's word: who may add or remove one decides with
/// him.
public enum OwnFolder {
  /// The names in it; nil if there is no such folder.
  public static func names(in path: String) throws(Problem) -> [String]? {
    var status = stat()
    guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return nil }
    guard status.st_uid == geteuid() || status.st_uid == 0, status.st_mode & 0o022 == 0 else {
      throw Problem(
        source: path, "others can add and remove files of this folder, so it is not used",
        hint: "make it yours and chmod go-w '\(path)'")
    }
    return try FolderListing.names(in: path)
  }
}
