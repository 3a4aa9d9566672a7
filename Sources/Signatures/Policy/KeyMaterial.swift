import FoundationEssentials

/// Where the bytes of a key are. Files are read when a requirement is used: keys are replaced and
/// revoked while a policy stays.
enum KeyMaterial: Sendable, Hashable {
  case file(String)
  case inline([UInt8], name: String)

  static let largest = 1 << 20

  /// For messages: the path, or the member of the policy.
  var name: String {
    switch self {
    case .file(let path): path
    case .inline(_, let name): name
    }
  }

  func bytes() throws(Rejection) -> [UInt8] {
    switch self {
    case .inline(let bytes, _): return bytes
    case .file(let path):
      do { return try BoundedFile.bytes(at: path, limit: Self.largest) } catch {
        throw Rejection(.keyUnusable, "the key file \(path) \(error.description)")
      }
    }
  }
}
