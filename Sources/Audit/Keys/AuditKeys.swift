import Crypto
import Glibc
import Wire

/// What a gateway signs its logs with, and what it keys digests with. Kept in one file that nobody
/// else can read; made when it is needed for the first time.
public struct AuditKeys: Sendable {
  let signing: Curve25519.Signing.PrivateKey
  private let digests: SymmetricKey

  private init(signing: Curve25519.Signing.PrivateKey, digests: SymmetricKey) {
    self.signing = signing
    self.digests = digests
  }

  static func make() -> AuditKeys {
    AuditKeys(signing: Curve25519.Signing.PrivateKey(), digests: SymmetricKey(size: .bits256))
  }

  /// `ed25519:` and 64 hexadecimal digits; not secret.
  public var publicText: String { TrustedKeys.text(signing.publicKey) }

  public var trusted: TrustedKeys { TrustedKeys([signing.publicKey]) }

  /// The digests of one log say nothing about those of another.
  func digest(for log: LogID) -> KeyedDigest {
    let text = "mcp-gateway audit digests 1\n\(log)"
    let code = HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: digests)
    return KeyedDigest(SymmetricKey(data: code))
  }
}

// MARK: The file

extension AuditKeys {
  private static let title = "mcp-gateway audit keys 1"
  private static let longest = 4_096

  /// Reads the keys at `path`; nil if there are none.
  public static func read(_ path: String) throws(Problem) -> AuditKeys? {
    guard let file = try OpenFile.existing(path, O_RDONLY) else { return nil }
    let status = try file.status()
    guard status.st_mode & S_IFMT == S_IFREG, status.st_uid == geteuid(),
      status.st_mode & 0o077 == 0
    else {
      throw Problem(
        source: path, "this file of keys must be a plain file, yours, and closed to all others",
        hint: "chmod 600, or move it away; then a new one is made, which old logs do not know")
    }
    let bytes = try file.read(atMost: longest)
    guard let keys = AuditKeys(bytes) else {
      throw Problem(
        source: path, "these are no keys of an audit log",
        hint: "move the file away; then a new one is made, which old logs do not know")
    }
    return keys
  }

  /// Reads the keys at `path`, or makes them.
  public static func readOrMake(_ path: String) throws(Problem) -> AuditKeys {
    if let keys = try read(path) { return keys }
    try Folder.make(Folder.above(path))
    let keys = make()
    let temporary = "\(path).\(LogID.random())"
    let file = try OpenFile.make(temporary)
    defer { unsafe unlink(temporary) }
    try file.write(keys.text)
    try file.synchronize()
    // Unlike a rename, a link does not replace what another gateway made meanwhile.
    if unsafe link(temporary, path) == 0 { return keys }
    guard errno == EEXIST, let other = try read(path) else {
      throw .system("cannot be made", path)
    }
    return other
  }

  private var text: [UInt8] {
    var text = Array("\(Self.title)\nsigning ".utf8)
    Hex.append(signing.rawRepresentation, to: &text)
    text += "\ndigests ".utf8
    unsafe digests.withUnsafeBytes { bytes in unsafe Hex.append(bytes, to: &text) }
    text.append(UInt8(ascii: "\n"))
    return text
  }

  private init?(_ text: [UInt8]) {
    let lines = text.split(separator: UInt8(ascii: "\n"))
    guard lines.count == 3, lines[0].elementsEqual(Self.title.utf8),
      let seed = Self.key(lines[1], "signing "), let digests = Self.key(lines[2], "digests "),
      let signing = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed)
    else { return nil }
    self.init(signing: signing, digests: SymmetricKey(data: digests))
  }

  private static func key(_ line: ArraySlice<UInt8>, _ name: String) -> [UInt8]? {
    guard line.starts(with: name.utf8), line.count == name.utf8.count + 64 else { return nil }
    return Hex.bytes(line.dropFirst(name.utf8.count))
  }
}

/// Printing keys shows nothing of them.
extension AuditKeys: CustomStringConvertible, CustomReflectable {
  public var description: String { "AuditKeys(\(publicText))" }
  public var customMirror: Mirror { Mirror(self, children: [:]) }
}
