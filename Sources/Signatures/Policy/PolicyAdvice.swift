import Wire

/// The policy entry that would let an image start, for people to copy.
enum PolicyAdvice {
  /// - Parameter inPolicy: whether there is a policy to which it can be added.
  static func entry(for image: ImageReference, inPolicy: Bool = true) -> String {
    let scope = JSONText(string: image.repository)
    let byKey = #"[{"type":"signedBy","keyType":"GPGKeys","keyPath":"KEY.gpg"}]"#
    let bySigstore =
      #"[{"type":"sigstoreSigned","keyPath":"cosign.pub","signedIdentity":{"type":"matchRepository"}}]"#
    let lead =
      inPolicy
      ? "if you trust its signer, add to transports.docker of the policy: "
      : #"write a file {"default":[{"type":"reject"}],"transports":{"docker":{…}}}, name it with "#
        + "--signature-policy, and put between the inner braces: "
    return "\(lead)\(scope): \(byKey) for a GPG key, or \(scope): \(bySigstore) for a cosign key"
  }

  /// What helps against a rejection of an image.
  static func hint(_ code: RejectionCode, for image: ImageReference, signedAs name: String?)
    -> String?
  {
    switch code {
    case .untrustedKey, .policyReject: return entry(for: image)
    case .unsigned:
      return "sign it (docs/signatures.md), or see where registries.d looks for its signatures"
    case .identityMismatch:
      guard let name, let signed = try? ImageReference(name) else {
        return #"to accept it, add "signedIdentity":{"type":"matchRepository"} to the requirement"#
      }
      let identity =
        signed.repository == image.repository
        ? #"{"type":"matchRepository"}"#
        : #"{"type":"exactRepository","dockerRepository":\#(JSONText(string: signed.repository))}"#
      return "if that name is right, add \"signedIdentity\":\(identity) to the requirement"
    default: return nil
    }
  }
}
