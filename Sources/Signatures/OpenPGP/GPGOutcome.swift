/// What GnuPG says of one blob, as values. Nothing of it is believed before ``SignatureVerdict``
/// has judged it, least of all the text: GnuPG hands that out whatever the outcome.
struct GPGOutcome: Sendable, Hashable {
  /// Numbers of libgpg-error.
  struct Code: Sendable, Hashable {
    let number: UInt32
    init(_ number: UInt32) { self.number = number }

    static let none = Code(0)
    static let digestAlgorithm = Code(5)
    static let badSignature = Code(8)
    static let noPublicKey = Code(9)
    static let keyRevoked = Code(94)
    static let cancelled = Code(99)
    static let keyExpired = Code(153)
    static let signatureExpired = Code(154)
  }

  struct Signature: Sendable, Hashable {
    var status: Code
    /// Of the key that signed, which may be a subkey; of an unknown key only its id.
    var fingerprint: String
    /// Numbers of RFC 4880 section 9.4.
    var hash: UInt32
    var hasWrongKeyUsage = false
    var isNeverValid = false
  }

  var operation: Code
  var signatures: [Signature]
  var untrustedText: [UInt8]
}

/// A key or subkey of the policy's key material.
struct GPGKey: Sendable, Hashable {
  let primaryFingerprint: String
  /// RFC 4880 section 9.1.
  let algorithm: UInt32
  let bits: Int

  /// RSA, ElGamal and DSA below 2048 bits are within reach of who has much to spend.
  var isWeak: Bool { [1, 2, 3, 16, 17, 20].contains(algorithm) && bits < 2048 }
}

/// The decision on one blob. Pure.
enum SignatureVerdict {
  /// The signed text and the primary fingerprint of its signer.
  ///
  /// - Parameter keys: the keys of the requirement by fingerprint, subkeys included.
  static func judge(
    _ outcome: GPGOutcome, keys: [String: GPGKey]
  ) throws(Rejection) -> (text: [UInt8], signer: String) {
    if outcome.operation == .cancelled {
      throw Rejection(.timeout, "GnuPG did not verify the signature in time")
    }
    // GnuPG calls a literal text without signature, and one before a signed text, a success.
    guard outcome.operation == .none, let signature = outcome.signatures.first else {
      throw Rejection(.malformedSignature, "this is not one OpenPGP signed message")
    }
    guard outcome.signatures.count == 1 else {
      throw Rejection(
        .multipleSignatures, "one message with \(outcome.signatures.count) signatures")
    }
    try check(signature)
    guard let key = keys[signature.fingerprint] else {
      throw Rejection(.untrustedKey, "signed by \(signature.fingerprint), no key of the policy")
    }
    guard !key.isWeak else {
      throw Rejection(.weakAlgorithm, "signed with a key of only \(key.bits) bits")
    }
    return (outcome.untrustedText, key.primaryFingerprint)
  }

  private static func check(_ signature: GPGOutcome.Signature) throws(Rejection) {
    let key = signature.fingerprint
    switch signature.status {
    case .none: break
    case .noPublicKey: throw Rejection(.untrustedKey, "signed by \(key), no key of the policy")
    case .badSignature: throw Rejection(.badSignature, "the signature does not fit its text")
    case .keyExpired: throw Rejection(.keyExpired, "the key \(key) has expired")
    case .keyRevoked: throw Rejection(.keyRevoked, "the key \(key) was revoked")
    case .signatureExpired: throw Rejection(.signatureExpired, "the signature has expired")
    case .digestAlgorithm: throw Rejection(.weakAlgorithm, "signed with a weak hash")
    case let other:
      throw Rejection(.badSignature, "GnuPG does not accept the signature (error \(other.number))")
    }
    // SHA-256, SHA-384, SHA-512 and SHA-224; GnuPG still knows the broken ones.
    guard (8...11).contains(signature.hash) else {
      throw Rejection(.weakAlgorithm, "signed with a weak hash")
    }
    guard !signature.hasWrongKeyUsage, !signature.isNeverValid else {
      throw Rejection(.badSignature, "the key \(key) is not one for signing")
    }
  }
}
