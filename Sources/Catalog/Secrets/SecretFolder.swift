import Wire

/// A folder with one file for each secret, named for it, as Docker and Kubernetes mount them.
public struct SecretFolder: SecretSource {
  public let title: String
  private let path: String

  private static let largest = 64 << 10

  init(path: String, title: String) {
    self.path = path
    self.title = title
  }

  /// The file's text without its last line break, which editors add and nobody means.
  public func value(of name: String) async throws -> Secret? {
    guard Names.isSecret(name) else { return nil }
    let file = path + "/" + name
    switch LocalFile.read(file, maximumBytes: Self.largest) {
    case .missing: return nil
    case .folder: throw Problem(.warning, source: file, "it is a folder and no secret")
    case .unreadable(let reason):
      throw Problem(.warning, source: file, "it cannot be read: \(reason)")
    case .file(let bytes, _, _):
      guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
        throw Problem(.warning, source: file, "it is not UTF-8 text")
      }
      if text.hasSuffix("\r\n") || text.hasSuffix("\n") { return Secret(String(text.dropLast())) }
      return Secret(text)
    }
  }
}
