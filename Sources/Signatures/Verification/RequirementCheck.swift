import Wire

/// Checks one requirement against the signatures of one image. Any signature that passes entirely is
/// enough; others beside it do no harm, or whoever can add one could stop an image.
struct RequirementCheck: Sendable {
  let image: ResolvedImage
  let sources: SignatureSources
  let keyrings: GPGKeyrings
  let registries: RegistriesConfiguration
  let deadline: Deadline

  /// The proof; nil for a requirement that passes without one.
  func pass(_ requirement: Requirement) async throws(Rejection) -> VerifiedImage.Proof? {
    switch requirement {
    case .insecureAcceptAnything: return nil
    case .reject:
      throw Rejection(.policyReject, "the policy rejects \(image.reference)")
    case .signedBaseLayer:
      throw Rejection(.unsupported, "requirements of the type signedBaseLayer are not supported")
    case .signedBy(let signedBy): return try await pass(signedBy)
    case .sigstoreSigned(let sigstore): return try await pass(sigstore)
    }
  }

  // MARK: OpenPGP

  private func pass(
    _ requirement: Requirement.SignedBy
  ) async throws(Rejection) -> VerifiedImage.Proof {
    guard requirement.keyType == .gpgKeys else {
      throw Rejection(
        .unsupported, "keys of the type \(requirement.keyType.rawValue) are not supported")
    }
    var keys: [GPGKeyring.Source] = []
    for key in requirement.keys {
      keys.append(GPGKeyring.Source(name: key.name, bytes: try key.bytes()))
    }
    let keyring = try await keyrings.keyring(for: keys, until: deadline)
    var tried = Tried()
    for candidate in try await sources.simpleSignatures() {
      do throws(Rejection) {
        guard case .openPGP(let blob) = try candidate.content.get() else { continue }
        return try await proof(blob, keyring, requirement.identity, candidate.source)
      } catch { try tried.add(candidate.source, error) }
    }
    throw tried.rejection ?? unsigned("no GPG signature")
  }

  private func proof(
    _ blob: [UInt8], _ keyring: GPGKeyring, _ identity: SignedIdentity, _ source: String
  ) async throws(Rejection) -> VerifiedImage.Proof {
    let signed = try await keyring.verify(blob, until: deadline)
    let name = try name(in: signed.text, .atomic, identity)
    return VerifiedImage.Proof(.signedBy, key: signed.signer, identity: name, source: source)
  }

  // MARK: Sigstore

  private func pass(
    _ requirement: Requirement.SigstoreSigned
  ) async throws(Rejection) -> VerifiedImage.Proof {
    let trust = try SigstoreTrust(requirement)
    var tried = Tried()
    let isOff = registries.usesAttachments(for: image.reference) == false
    if !isOff || requirement.signatureRepository != nil {
      for candidate in try await sources.attachments(in: requirement.signatureRepository) {
        do throws(Rejection) {
          return try await proof(
            candidate.content.get(), trust, requirement, candidate.source)
        } catch { try tried.add(candidate.source, error) }
      }
    }
    guard requirement.signatureRepository == nil else {
      throw tried.rejection ?? unsigned("no sigstore signature")
    }
    var unsupported: Set<String> = []
    if !isOff, trust.acceptsBundles {
      let referrers = try await sources.referrers()
      unsupported = referrers.unsupported
      for candidate in referrers.bundles {
        do throws(Rejection) {
          let (bundle, digest) = try candidate.content.get()
          return try proof(bundle, about: digest, trust, requirement, candidate.source)
        } catch { try tried.add(candidate.source, error) }
      }
    }
    for candidate in try await sources.simpleSignatures() {
      guard case .success(.sigstore(let attachment)) = candidate.content else { continue }
      do throws(Rejection) {
        return try await proof(attachment, trust, requirement, candidate.source)
      } catch { try tried.add(candidate.source, error) }
    }
    let others = unsupported.sorted().joined(separator: ", ")
    throw tried.rejection
      ?? unsigned("no sigstore signature" + (others.isEmpty ? "" : " (\(others) is not supported)"))
  }

  private func proof(
    _ attachment: SigstoreAttachment, _ trust: SigstoreTrust,
    _ requirement: Requirement.SigstoreSigned, _ source: String
  ) async throws(Rejection) -> VerifiedImage.Proof {
    guard attachment.mediaType == SigstoreAttachment.signatureType else {
      throw Rejection(.malformedSignature, "the attachment is no signature")
    }
    let key = try await trust.verify(attachment)
    let name = try name(
      in: attachment.payload, .cosign, requirement.ignoresIdentity ? nil : requirement.identity)
    return VerifiedImage.Proof(.sigstoreSigned, key: key, identity: name, source: source)
  }

  private func proof(
    _ bundle: SigstoreBundle, about digest: ContentDigest, _ trust: SigstoreTrust,
    _ requirement: Requirement.SigstoreSigned, _ source: String
  ) throws(Rejection) -> VerifiedImage.Proof {
    let key = try trust.verify(bundle)
    guard bundle.envelope.payloadType == InTotoStatement.payloadType else {
      throw Rejection(.payloadInvalid, "the signed envelope holds no in-toto statement")
    }
    let statement: InTotoStatement
    do throws(FormFlaw) { statement = try InTotoStatement(bundle.envelope.payload) } catch {
      throw Rejection(.payloadInvalid, "the signed statement: \(error)")
    }
    guard statement.subjects.contains(digest.description) else {
      throw Rejection(.digestMismatch, "the bundle is a signature of another manifest")
    }
    guard requirement.identity.acceptsUnnamed(for: image.reference) else {
      throw Rejection(
        .identityMismatch,
        "a bundle signs no name, and \(requirement.identity.type) demands one",
        hint: PolicyAdvice.hint(.identityMismatch, for: image.reference, signedAs: nil))
    }
    return VerifiedImage.Proof(.sigstoreSigned, key: key, identity: "", source: source)
  }

  // MARK: What was signed

  /// The name in an authentic payload, if it is one of this image.
  ///
  /// - Parameter identity: nil where any name will do.
  private func name(
    in payload: [UInt8], _ kind: SignedPayload.Kind, _ identity: SignedIdentity?
  ) throws(Rejection) -> String {
    let signed: SignedPayload
    do throws(FormFlaw) { signed = try SignedPayload(payload, as: kind) } catch {
      throw Rejection(.payloadInvalid, "the signed payload: \(error)")
    }
    guard image.digests.contains(where: { $0.description == signed.digest }) else {
      throw Rejection(
        .digestMismatch,
        "an authentic signature of another manifest, \(signed.digest), not of "
          + image.digests.map(\.description).joined(separator: " or "))
    }
    if let identity, !identity.accepts(signed.identity, for: image.reference) {
      throw Rejection(
        .identityMismatch,
        "an authentic signature under the name \(PrintableText(signed.identity)), which "
          + "\(identity.type) does not accept for \(image.reference)",
        hint: PolicyAdvice.hint(
          .identityMismatch, for: image.reference, signedAs: signed.identity))
    }
    return signed.identity
  }

  private func unsigned(_ what: String) -> Rejection {
    Rejection(
      .unsigned, "\(image.reference) (\(image.top)) has \(what)",
      hint: PolicyAdvice.hint(.unsigned, for: image.reference, signedAs: nil))
  }

  /// Signatures that did not pass.
  private struct Tried {
    private var all: [(name: String, rejection: Rejection)] = []

    /// What says nothing about the signature ends the search.
    mutating func add(_ name: String, _ rejection: Rejection) throws(Rejection) {
      if rejection.code == .timeout { throw rejection }
      all.append((name, rejection))
    }

    var rejection: Rejection? { Rejection.summary(of: all) }
  }
}
