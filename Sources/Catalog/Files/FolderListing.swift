import Glibc
import Wire

/// The names in a folder, in no order, without those that start with a dot.
package enum FolderListing {
  package static func names(in path: String) throws(Problem) -> [String] {
    guard let folder = unsafe opendir(path) else {
      throw Problem(source: path, "cannot be listed: \(unsafe String(cString: strerror(errno)))")
    }
    defer { unsafe closedir(folder) }
    var names: [String] = []
    while let entry = unsafe readdir(folder) {
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names
  }
}
