import Wire

/// Collects the signatures of one image from wherever they may be. Each kind is read once, and only
/// if a requirement wants it.
actor SignatureSources {
  private let image: ResolvedImage
  private let client: RegistryClient
  private let lookaside: LookasideStore
  private let configuration: RegistriesConfiguration
  private let deadline: Deadline
  private var simple: Task<Result<[Candidate<SignatureBlob>], Rejection>, Never>?
  private var attached: [String: Task<Result<[Candidate<SigstoreAttachment>], Rejection>, Never>] =
    [:]
  private var bundles: Task<Result<Referrers, Rejection>, Never>?

  /// One signature, or why what was found is none.
  struct Candidate<Content: Sendable>: Sendable {
    let source: String
    let content: Result<Content, Rejection>
  }

  /// What refers to the image.
  struct Referrers: Sendable {
    var bundles: [Candidate<(SigstoreBundle, ContentDigest)>] = []
    /// Kinds of signature that we do not read.
    var unsupported: Set<String> = []
  }

  init(
    _ image: ResolvedImage, _ client: RegistryClient, _ lookaside: LookasideStore,
    _ configuration: RegistriesConfiguration, until deadline: Deadline
  ) {
    self.image = image
    self.client = client
    self.lookaside = lookaside
    self.configuration = configuration
    self.deadline = deadline
  }

  // MARK: Simple signing

  func simpleSignatures() async throws(Rejection) -> [Candidate<SignatureBlob>] {
    let reading =
      simple
      ?? Task {
        await Self.result { () async throws(Rejection) in try await self.readSimple() }
      }
    simple = reading
    return try await reading.value.get()
  }

  private func readSimple() async throws(Rejection) -> [Candidate<SignatureBlob>] {
    var blobs: [LookasideStore.Found] = []
    if try await client.keepsSignatures(image.reference, until: deadline) {
      for digest in image.digests {
        let bytes = try await client.keptSignatures(
          of: digest, in: image.reference, until: deadline)
        blobs += try KeptSignatures.blobs(bytes).enumerated().map {
          LookasideStore.Found(
            source: "\(image.reference.domain), signature \($0.offset + 1)", bytes: $0.element)
        }
      }
    } else {
      let base = configuration.lookaside(for: image.reference)
      for digest in image.digests {
        blobs += try await lookaside.signatures(
          base: base, of: digest, repository: image.reference.path, until: deadline)
      }
    }
    return blobs.map { blob in
      Candidate(
        source: blob.source,
        content: Self.plainResult { () throws(Rejection) in try SignatureBlob(blob.bytes) })
    }
  }

  // MARK: Sigstore attachments

  /// - Parameter repository: another repository that holds them; nil: the image's own.
  func attachments(
    in repository: String?
  ) async throws(Rejection) -> [Candidate<SigstoreAttachment>] {
    let key = repository ?? ""
    let reading =
      attached[key]
      ?? Task {
        await Self.result { () async throws(Rejection) in
          try await self.readAttachments(repository)
        }
      }
    attached[key] = reading
    return try await reading.value.get()
  }

  private func readAttachments(
    _ repository: String?
  ) async throws(Rejection) -> [Candidate<SigstoreAttachment>] {
    var found: [Candidate<SigstoreAttachment>] = []
    for digest in image.digests {
      let tag = try Self.reference(
        "\(repository ?? image.reference.repository):sha256-\(digest.hex).sig")
      guard let manifest = try await client.manifest(tag, until: deadline) else { continue }
      found += try await attachments(of: manifest, tag)
    }
    return found
  }

  private func attachments(
    of manifest: ManifestBytes, _ tag: ImageReference
  ) async throws(Rejection) -> [Candidate<SigstoreAttachment>] {
    let layers: [ManifestDocument.Descriptor]
    do throws(Rejection) { layers = try Self.signatureLayers(manifest) } catch {
      return [Candidate(source: tag.description, content: .failure(error))]
    }
    var found: [Candidate<SigstoreAttachment>] = []
    var room = SignatureBlob.mostInAll
    for (index, layer) in layers.enumerated() {
      let source = "\(tag) layer \(index + 1)"
      guard layer.size <= SignedPayload.largest else {
        let flaw = Rejection(.tooLarge, "the payload has \(layer.size) bytes")
        found.append(Candidate(source: source, content: .failure(flaw)))
        continue
      }
      try SignatureBlob.spend(layer.size, of: &room, at: tag.description)
      do throws(Rejection) {
        let payload = try await client.blob(
          layer, of: tag, limit: SignedPayload.largest, until: deadline)
        let attachment = SigstoreAttachment(
          mediaType: layer.mediaType, payload: payload, annotations: layer.annotations)
        found.append(Candidate(source: source, content: .success(attachment)))
      } catch {
        // Other bytes than the signed ones are this signature's flaw, a dead registry is ours.
        guard error.code == .digestMismatch else { throw error }
        found.append(Candidate(source: source, content: .failure(error)))
      }
    }
    return found
  }

  private static func signatureLayers(
    _ manifest: ManifestBytes
  ) throws(Rejection) -> [ManifestDocument.Descriptor] {
    let document: ManifestDocument
    do throws(Rejection) {
      document = try ManifestDocument(manifest.bytes, contentType: manifest.contentType)
    } catch { throw Rejection(.malformedSignature, error.message) }
    guard document.mediaType == ManifestDocument.ociManifest,
      case .image(_, let layers) = document.content
    else {
      throw Rejection(.malformedSignature, "the signature manifest is no OCI image manifest")
    }
    guard layers.count <= LookasideStore.mostSignatures else {
      throw Rejection(
        .tooMany, "the signature manifest has more than \(LookasideStore.mostSignatures) layers")
    }
    // Attestations and lists of parts are attached the same way and are no signatures.
    return layers.filter { $0.mediaType == SigstoreAttachment.signatureType }
  }

  // MARK: Bundles

  func referrers() async throws(Rejection) -> Referrers {
    let reading =
      bundles
      ?? Task {
        await Self.result { () async throws(Rejection) in try await self.readReferrers() }
      }
    bundles = reading
    return try await reading.value.get()
  }

  private static let mostBundles = 32

  private func readReferrers() async throws(Rejection) -> Referrers {
    var found = Referrers()
    var room = SignatureBlob.mostInAll
    for digest in image.digests {
      let all = try await client.referrers(of: digest, in: image.reference, until: deadline)
      let bundles = all.filter { Self.isBundle($0) }
      guard bundles.count <= Self.mostBundles else {
        throw Rejection(.tooMany, "\(image.reference) has more than \(Self.mostBundles) bundles")
      }
      for descriptor in bundles {
        found.bundles.append(try await bundle(descriptor, about: digest, &room))
      }
      found.unsupported.formUnion(
        all.compactMap(\.artifactType).filter { $0 == "application/vnd.cncf.notary.signature" })
    }
    return found
  }

  private static func isBundle(_ descriptor: ManifestDocument.Descriptor) -> Bool {
    descriptor.artifactType?.hasPrefix(SigstoreBundle.mediaTypePrefix) == true
  }

  private func bundle(
    _ descriptor: ManifestDocument.Descriptor, about digest: ContentDigest, _ room: inout Int
  ) async throws(Rejection) -> Candidate<(SigstoreBundle, ContentDigest)> {
    let source = "\(image.reference.repository)@\(descriptor.digest)"
    do throws(Rejection) {
      let reference = try Self.reference(source)
      guard let bytes = try await client.manifest(reference, until: deadline) else {
        throw Rejection(.registryError, "the registry lists \(source) and does not have it")
      }
      let layer = try Self.bundleLayer(bytes, about: digest)
      try SignatureBlob.spend(layer.size, of: &room, at: image.reference.repository)
      let blob = try await client.blob(
        layer, of: image.reference, limit: SigstoreBundle.largest, until: deadline)
      return Candidate(source: source, content: .success((try SigstoreBundle(blob), digest)))
    } catch {
      switch error.code {
      case .malformedSignature, .multipleSignatures, .digestMismatch:
        return Candidate(source: source, content: .failure(error))
      default: throw error
      }
    }
  }

  private static func bundleLayer(
    _ manifest: ManifestBytes, about digest: ContentDigest
  ) throws(Rejection) -> ManifestDocument.Descriptor {
    let document: ManifestDocument
    do throws(Rejection) {
      document = try ManifestDocument(manifest.bytes, contentType: manifest.contentType)
    } catch { throw Rejection(.malformedSignature, error.message) }
    guard case .image(_, let layers) = document.content, layers.count == 1, let layer = layers.first
    else { throw Rejection(.malformedSignature, "a bundle's manifest has not exactly one layer") }
    guard document.subject == digest else {
      throw Rejection(.malformedSignature, "a bundle's manifest is about another image")
    }
    return layer
  }

  // MARK: Small things

  private static func reference(_ text: String) throws(Rejection) -> ImageReference {
    do { return try ImageReference(text) } catch { throw Rejection(.badReference, "\(error)") }
  }

  private static func result<Value: Sendable>(
    _ work: @Sendable () async throws(Rejection) -> Value
  ) async -> Result<Value, Rejection> {
    do throws(Rejection) { return .success(try await work()) } catch { return .failure(error) }
  }

  private static func plainResult<Value>(
    _ work: () throws(Rejection) -> Value
  ) -> Result<Value, Rejection> {
    do throws(Rejection) { return .success(try work()) } catch { return .failure(error) }
  }
}
