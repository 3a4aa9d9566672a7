import Glibc

/// The folders in which a change to some files shows.
enum WatchedFolders {
  private static let mostLinks = 16

  static func of(_ files: [String]) -> Set<String> {
    var folders: Set<String> = []
    for file in files {
      var path = file
      for _ in 0..<mostLinks {
        folders.insert(nearestExisting(parent(of: path)))
        guard let target = linkTarget(path) else { break }
        path = target.hasPrefix("/") ? target : parent(of: path) + "/" + target
      }
      // A link further up the path (a config map's `..data`) leads here.
      if let real = unsafe realpath(file, nil) {
        folders.insert(parent(of: unsafe String(cString: real)))
        unsafe free(real)
      }
    }
    return folders
  }

  private static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private static func nearestExisting(_ folder: String) -> String {
    var folder = folder
    while (unsafe access(folder, F_OK)) != 0, folder != "/", folder != "." {
      folder = parent(of: folder)
    }
    return folder
  }

  private static func linkTarget(_ path: String) -> String? {
    var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = unsafe buffer.withUnsafeMutableBytes {
      unsafe $0.baseAddress.map {
        unsafe readlink(path, $0.assumingMemoryBound(to: CChar.self), Int(PATH_MAX))
      } ?? -1
    }
    return count > 0 ? String(decoding: buffer.prefix(count), as: UTF8.self) : nil
  }
}
