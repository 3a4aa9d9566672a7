import Crypto
import Wire

/// Public keys whose checkpoints count.
public struct TrustedKeys: Sendable {
  private static let prefix = "ed25519:"

  private let keys: [Curve25519.Signing.PublicKey]

  init(_ keys: [Curve25519.Signing.PublicKey]) { self.keys = keys }

  /// Keys as ``AuditKeys/publicText`` writes them.
  public init(_ texts: [String]) throws(Problem) {
    var keys: [Curve25519.Signing.PublicKey] = []
    for text in texts {
      guard text.hasPrefix(Self.prefix),
        let bytes = Hex.bytes(text.dropFirst(Self.prefix.count).utf8),
        let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes)
      else {
        throw Problem(
          source: "--key", "\"\(PrintableText(text))\" is no public key",
          hint: "write it as \"gateway audit key\" prints it: ed25519: and 64 digits")
      }
      keys.append(key)
    }
    self.init(keys)
  }

  static func text(_ key: Curve25519.Signing.PublicKey) -> String {
    prefix + Hex.text(key.rawRepresentation)
  }

  func haveSigned(_ text: [UInt8], _ signature: [UInt8]) -> Bool {
    keys.contains { $0.isValidSignature(signature, for: text) }
  }
}
