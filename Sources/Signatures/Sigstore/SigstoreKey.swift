import Crypto
import CryptoExtras
import FoundationEssentials

/// A public key as sigstore uses them: the kind of the key alone decides how it verifies, never
/// anything in a signature.
enum SigstoreKey: Sendable {
  case p256(P256.Signing.PublicKey)
  case p384(P384.Signing.PublicKey)
  case p521(P521.Signing.PublicKey)
  case rsa(_RSA.Signing.PublicKey)
  case ed25519(Curve25519.Signing.PublicKey)

  /// Reads a key file of a policy: one PEM block with a public key.
  init(file bytes: [UInt8], name: String) throws(Rejection) {
    let blocks: [PEMBlock]
    do throws(PEMFlaw) { blocks = try PEMBlock.all(in: bytes, atMost: 1) } catch {
      throw Rejection(.keyUnusable, "\(name) is not one public key in PEM: \(error)")
    }
    guard let block = blocks.first else {
      throw Rejection(.keyUnusable, "\(name) is not a public key in PEM")
    }
    switch block.label {
    case "PUBLIC KEY": self = try Self.subjectKey(block.der, name: name)
    case "RSA PUBLIC KEY": self = .rsa(try Self.rsa(block.der, name: name))
    default:
      throw Rejection(.keyUnusable, "\(name) holds a \(block.label.lowercased()), no public key")
    }
  }

  /// A SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7).
  static func subjectKey(_ der: [UInt8], name: String) throws(Rejection) -> SigstoreKey {
    if let key = try? P256.Signing.PublicKey(derRepresentation: der) { return .p256(key) }
    if let key = try? P384.Signing.PublicKey(derRepresentation: der) { return .p384(key) }
    if let key = try? P521.Signing.PublicKey(derRepresentation: der) { return .p521(key) }
    if der.count == 44, der.starts(with: ed25519Prefix),
      let key = try? Curve25519.Signing.PublicKey(rawRepresentation: der.dropFirst(12))
    {
      return .ed25519(key)
    }
    return .rsa(try rsa(der, name: name))
  }

  private static func rsa(
    _ der: [UInt8], name: String
  ) throws(Rejection) -> _RSA.Signing.PublicKey {
    if let key = try? _RSA.Signing.PublicKey(derRepresentation: der) { return key }
    if (try? _RSA.Signing.PublicKey(unsafeDERRepresentation: der)) != nil {
      throw Rejection(.weakAlgorithm, "\(name) is an RSA key of less than 2048 bits")
    }
    throw Rejection(
      .keyUnusable, "\(name) is none of ECDSA P-256, P-384, P-521, RSA and Ed25519")
  }

  /// RFC 8410 section 4, up to the key itself.
  private static let ed25519Prefix: [UInt8] = [
    0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00,
  ]

  /// As a SubjectPublicKeyInfo, in the one encoding that DER allows.
  var der: [UInt8] {
    switch self {
    case .p256(let key): Array(key.derRepresentation)
    case .p384(let key): Array(key.derRepresentation)
    case .p521(let key): Array(key.derRepresentation)
    case .rsa(let key): Array(key.derRepresentation)
    case .ed25519(let key): Self.ed25519Prefix + Array(key.rawRepresentation)
    }
  }

  /// For people and records: the digest of the key.
  var fingerprint: String { ContentDigest(of: der).description }

  /// ECDSA in DER over SHA-256 whatever the curve, RSA PKCS #1 v1.5 over SHA-256, and plain Ed25519:
  /// what sigstore writes, and nothing else.
  func isValid(_ signature: [UInt8], for message: [UInt8]) -> Bool {
    let digest = SHA256.hash(data: message)
    switch self {
    case .p256(let key):
      return (try? P256.Signing.ECDSASignature(derRepresentation: signature))
        .map { key.isValidSignature($0, for: digest) } ?? false
    case .p384(let key):
      return (try? P384.Signing.ECDSASignature(derRepresentation: signature))
        .map { key.isValidSignature($0, for: digest) } ?? false
    case .p521(let key):
      return (try? P521.Signing.ECDSASignature(derRepresentation: signature))
        .map { key.isValidSignature($0, for: digest) } ?? false
    case .rsa(let key):
      let signature = _RSA.Signing.RSASignature(rawRepresentation: Data(signature))
      return key.isValidSignature(signature, for: digest, padding: .insecurePKCS1v1_5)
    case .ed25519(let key): return key.isValidSignature(Data(signature), for: Data(message))
    }
  }
}

extension [SigstoreKey] {
  /// Reads all; each must be one, even if another would verify.
  init(_ material: [KeyMaterial]) throws(Rejection) {
    self = []
    for key in material { append(try SigstoreKey(file: key.bytes(), name: key.name)) }
  }
}
