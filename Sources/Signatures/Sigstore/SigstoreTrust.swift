import FoundationEssentials
import X509

/// The keys of a sigstoreSigned requirement, read and ready. Decides which payloads are authentic;
/// what they say is for others to judge.
struct SigstoreTrust: Sendable {
  private enum Source: Sendable {
    case keys([SigstoreKey])
    case fulcio(CertificateTrust, issuer: String, email: String)
    case pki(CertificateTrust, email: String?, host: String?)
  }

  private let source: Source
  private let logKeys: [SigstoreKey]

  /// Reads all keys; each must be usable.
  init(_ requirement: Requirement.SigstoreSigned) throws(Rejection) {
    logKeys = try [SigstoreKey](requirement.logKeys)
    switch requirement.trust {
    case .keys(let material): source = .keys(try [SigstoreKey](material))
    case .fulcio(let authority, let issuer, let email):
      let roots = try CertificateTrust.certificates(authority)
      source = .fulcio(
        CertificateTrust(roots: roots, intermediates: []), issuer: issuer, email: email)
    case .pki(let roots, let intermediates, let email, let host):
      var between: [Certificate] = []
      if let intermediates { between = try CertificateTrust.certificates(intermediates) }
      source = .pki(
        CertificateTrust(roots: try CertificateTrust.certificates(roots), intermediates: between),
        email: email, host: host)
    }
  }

  /// Whether bundles count: the format binds them to keys only.
  var acceptsBundles: Bool { if case .keys = source { true } else { false } }

  // MARK: Attachments

  /// Passes if the payload is authentic; returns what to call its signer.
  func verify(_ attachment: SigstoreAttachment) async throws(Rejection) -> String {
    guard attachment.payload.count <= SignedPayload.largest else {
      throw Rejection(.tooLarge, "the payload has more than \(SignedPayload.largest) bytes")
    }
    let signature = try attachment.signature()
    switch source {
    case .keys(let keys): return try verify(attachment, signature, by: keys)
    case .fulcio(let trust, let issuer, let email):
      let leaf = try Self.leaf(attachment)
      let entry = try entry(attachment, signature, leaf.block)
      let time = Date(timeIntervalSince1970: Double(entry.integratedTime))
      try await trust.validate(leaf.certificate, chain: Self.chain(attachment), at: time)
      let subject = try CertificateSubject(leaf.certificate)
      try subject.demand(issuer: issuer)
      try subject.demand(email: email)
      try Self.verify(attachment, signature, by: leaf.certificate)
      return "\(email) by \(issuer)"
    case .pki(let trust, let email, let host):
      let leaf = try Self.leaf(attachment)
      try await trust.validate(leaf.certificate, chain: Self.chain(attachment), at: nil)
      let subject = try CertificateSubject(leaf.certificate)
      if let email { try subject.demand(email: email) }
      if let host { try subject.demand(host: host) }
      try Self.verify(attachment, signature, by: leaf.certificate)
      return [email, host].compactMap(\.self).joined(separator: ", ")
    }
  }

  private func verify(
    _ attachment: SigstoreAttachment, _ signature: [UInt8], by keys: [SigstoreKey]
  ) throws(Rejection) -> String {
    guard let key = keys.first(where: { $0.isValid(signature, for: attachment.payload) }) else {
      throw Rejection(
        .badSignature, "no key of the policy made the signature, or its payload was altered")
    }
    if !logKeys.isEmpty {
      _ = try entry(attachment, signature, PEMBlock(label: "PUBLIC KEY", der: key.der))
    }
    return key.fingerprint
  }

  private static func verify(
    _ attachment: SigstoreAttachment, _ signature: [UInt8], by certificate: Certificate
  ) throws(Rejection) {
    guard let der = try? certificate.publicKey.serializeAsPEM().derBytes else {
      throw Rejection(.certificateInvalid, "the certificate's key cannot be read")
    }
    let key = try SigstoreKey.subjectKey(der, name: "the certificate's key")
    guard key.isValid(signature, for: attachment.payload) else {
      throw Rejection(.badSignature, "the certificate's key did not make the signature")
    }
  }

  /// The entry of a log that is known to be about this signature.
  private func entry(
    _ attachment: SigstoreAttachment, _ signature: [UInt8], _ verifier: PEMBlock
  ) throws(Rejection) -> LogEntry {
    guard let text = attachment.annotations[SigstoreAttachment.Annotation.logEntry] else {
      throw Rejection(.tlogInvalid, "the signature has no entry of a transparency log")
    }
    let entry = try LogEntry.promised(annotation: text, by: logKeys)
    try entry.check(
      isAbout: LoggedSignature(
        verifier: verifier, signature: signature, message: attachment.payload))
    return entry
  }

  private static func leaf(
    _ attachment: SigstoreAttachment
  ) throws(Rejection) -> (certificate: Certificate, block: PEMBlock) {
    guard let text = attachment.annotations[SigstoreAttachment.Annotation.certificate] else {
      throw Rejection(.certificateInvalid, "the signature has no certificate")
    }
    let pem = Array(text.utf8)
    let found = try CertificateTrust.certificates(
      pem: pem, as: .certificateInvalid, "the certificate")
    guard found.count == 1, let certificate = found.first,
      let block = (try? PEMBlock.all(in: pem, atMost: 1))?.first
    else { throw Rejection(.certificateInvalid, "the signature has not exactly one certificate") }
    return (certificate, block)
  }

  /// All but the last, which claims to be the root and is not asked.
  private static func chain(_ attachment: SigstoreAttachment) throws(Rejection) -> [Certificate] {
    guard let text = attachment.annotations[SigstoreAttachment.Annotation.chain] else { return [] }
    return try CertificateTrust.certificates(
      pem: Array(text.utf8), as: .certificateInvalid, "the certificate's chain"
    ).dropLast()
  }

  // MARK: Bundles

  /// Passes if the bundle's envelope is authentic; returns what to call its signer.
  func verify(_ bundle: SigstoreBundle) throws(Rejection) -> String {
    guard case .keys(let keys) = source, let signature = bundle.envelope.signatures.first else {
      throw Rejection(.unsupported, "bundles count only for requirements with keys")
    }
    let message = bundle.envelope.signedBytes
    guard let key = keys.first(where: { $0.isValid(signature, for: message) }) else {
      throw Rejection(
        .badSignature, "no key of the policy made the signature, or its payload was altered")
    }
    if !logKeys.isEmpty {
      try check(
        bundle,
        LoggedSignature(
          verifier: PEMBlock(label: "PUBLIC KEY", der: key.der), signature: signature,
          message: message, envelopePayload: bundle.envelope.payload))
    }
    return key.fingerprint
  }

  /// The first entry counts. What it carries must hold: a promise, a proof, or both.
  private func check(
    _ bundle: SigstoreBundle, _ logged: LoggedSignature
  ) throws(Rejection) {
    guard let found = bundle.logged.first, found.promise != nil || found.proof != nil else {
      throw Rejection(.tlogInvalid, "the bundle has no entry of a transparency log")
    }
    if let promise = found.promise { try found.entry.checkPromise(promise, by: logKeys) }
    if let proof = found.proof { try proof.check(contains: found.entry.body, by: logKeys) }
    try found.entry.check(isAbout: logged)
  }
}
