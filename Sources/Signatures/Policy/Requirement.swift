/// One condition of a policy. An image runs only if all requirements of its scope hold.
enum Requirement: Sendable, Hashable {
  /// Proves nothing.
  case insecureAcceptAnything
  case reject
  case signedBy(SignedBy)
  case sigstoreSigned(SigstoreSigned)
  /// Part of the format; nobody has built it, and what is not checked does not pass.
  case signedBaseLayer

  /// The word in the policy.
  var type: String {
    switch self {
    case .insecureAcceptAnything: "insecureAcceptAnything"
    case .reject: "reject"
    case .signedBy: "signedBy"
    case .sigstoreSigned: "sigstoreSigned"
    case .signedBaseLayer: "signedBaseLayer"
    }
  }

  /// All keys and certificates that it trusts.
  var keys: [KeyMaterial] {
    switch self {
    case .insecureAcceptAnything, .reject, .signedBaseLayer: []
    case .signedBy(let demand): demand.keys
    case .sigstoreSigned(let demand):
      switch demand.trust {
      case .keys(let keys): keys + demand.logKeys
      case .fulcio(let authority, _, _): [authority] + demand.logKeys
      case .pki(let roots, let intermediates, _, _): [roots] + [intermediates].compactMap(\.self)
      }
    }
  }

  /// An OpenPGP signature by one of these keys.
  struct SignedBy: Sendable, Hashable {
    enum KeyType: String, Sendable, Hashable, CaseIterable {
      case gpgKeys = "GPGKeys"
      case signedByGPGKeys
      case x509Certificates = "X509Certificates"
      case signedByX509CAs
    }

    let keyType: KeyType
    let keys: [KeyMaterial]
    let identity: SignedIdentity
  }

  /// A sigstore signature.
  struct SigstoreSigned: Sendable, Hashable {
    enum Trust: Sendable, Hashable {
      case keys([KeyMaterial])
      case fulcio(authority: KeyMaterial, issuer: String, email: String)
      case pki(roots: KeyMaterial, intermediates: KeyMaterial?, email: String?, host: String?)
    }

    let trust: Trust
    /// Keys of transparency logs; where there are some, the signature must be in one of them.
    let logKeys: [KeyMaterial]
    let identity: SignedIdentity
    /// Another repository that holds the signatures, such as `docker.io/mcp/signatures`.
    var signatureRepository: String? = nil
    /// Whether the name that was signed is only reported.
    var ignoresIdentity = false
  }
}
