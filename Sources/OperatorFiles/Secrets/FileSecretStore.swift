import Catalog
import Glibc
import Wire

/// One file for each secret, in a folder that only its owner may enter. The same layout as mounted
/// secrets have, so `--secrets FOLDER` reads it as well.
public struct FileSecretStore: SecretStore {
  public let folder: String
  public var title: String { folder }

  private static let largest = 64 << 10

  public init(folder: String) { self.folder = folder }

  public func set(_ name: SecretName, to value: Secret) async throws(Problem) {
    let bytes = Array(value.exposed.utf8)
    guard !bytes.isEmpty, bytes.count <= Self.largest else {
      throw Problem(
        source: name.text, bytes.isEmpty ? "the value is empty" : "the value is over 64 KiB")
    }
    if try FilePath.exists(folder) {
      try checkPrivate(folder)
    } else {
      try FilePath.makeFolder(FilePath.folder(of: folder), mode: 0o700)
      try FilePath.makeFolder(folder, mode: 0o700)
    }
    try OperatorFile(path(name)).edit { _ in bytes }
  }

  public func value(of name: String) async throws -> Secret? {
    guard let name = try? SecretName(name), try FilePath.exists(path(name)) else { return nil }
    try checkPrivate(folder)
    try checkPrivate(path(name))
    guard let bytes = try OperatorFile(path(name)).read() else { return nil }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Problem(source: path(name), "is not UTF-8 text", hint: "set the secret again")
    }
    return Secret(text)
  }

  public func names() async throws(Problem) -> [SecretName] {
    guard try FilePath.exists(folder) else { return [] }
    try checkPrivate(folder)
    return try FolderListing.names(in: folder).compactMap { try? SecretName($0) }.sorted()
  }

  public func remove(_ name: SecretName) async throws(Problem) -> Bool {
    try OperatorFile(path(name)).remove()
  }

  private func path(_ name: SecretName) -> String { "\(folder)/\(name.text)" }

  /// What others could read or replace is no secret any more.
  private func checkPrivate(_ path: String) throws(Problem) {
    let status = try Descriptor.open(path, O_RDONLY).status(path)
    guard status.st_uid == geteuid() else {
      throw Problem(source: path, "belongs to another user", hint: "give it to yourself: chown")
    }
    guard status.st_mode & 0o077 == 0 else {
      throw Problem(
        source: path, "can be read by others, so it is not used",
        hint: "chmod go= '\(path)', and change the secrets that others may have read")
    }
  }
}
