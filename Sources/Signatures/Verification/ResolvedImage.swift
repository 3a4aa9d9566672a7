import Wire

/// What a reference means right now: digests of bytes that were fetched and hashed. The tag is
/// never asked again.
struct ResolvedImage: Sendable, Hashable {
  /// With a tag or a digest.
  let reference: ImageReference
  let top: ContentDigest
  let platform: ContentDigest
  let config: ContentDigest

  /// A signature on either covers the image: an index names its manifests by their digests.
  var digests: [ContentDigest] { top == platform ? [platform] : [platform, top] }

  /// Fetches the manifest and, of an index, the one for `platform`.
  static func resolve(
    _ reference: ImageReference, for platform: Platform, through client: RegistryClient,
    until deadline: Deadline
  ) async throws(Rejection) -> ResolvedImage {
    let top = try await document(reference, client, deadline)
    switch top.content {
    case .image(let config, _):
      return ResolvedImage(
        reference: reference, top: top.digest, platform: top.digest, config: config)
    case .index(let entries):
      let entry = try entry(of: entries, for: platform, reference)
      let pinned: ImageReference
      do { pinned = try reference.at(digest: entry.digest.description) } catch {
        throw Rejection(.badReference, "\(error)")
      }
      let manifest = try await document(pinned, client, deadline)
      guard case .image(let config, _) = manifest.content else {
        throw Rejection(.registryError, "\(pinned) is an index inside an index")
      }
      return ResolvedImage(
        reference: reference, top: top.digest, platform: manifest.digest, config: config)
    }
  }

  private static func document(
    _ reference: ImageReference, _ client: RegistryClient, _ deadline: Deadline
  ) async throws(Rejection) -> ManifestDocument {
    guard let found = try await client.manifest(reference, until: deadline) else {
      throw Rejection(.imageNotFound, "\(reference.domain) has no image \(reference)")
    }
    return try ManifestDocument(found.bytes, contentType: found.contentType)
  }

  /// The first entry that fits. The engine is given its digest, so it does not choose for itself.
  private static func entry(
    of entries: [ManifestDocument.Descriptor], for platform: Platform, _ reference: ImageReference
  ) throws(Rejection) -> ManifestDocument.Descriptor {
    if let entry = entries.first(where: { $0.platform?.isServed(by: platform) == true }) {
      return entry
    }
    let offered = Set(entries.compactMap { $0.platform?.description }).sorted().prefix(8)
    throw Rejection(
      .platformMissing,
      "\(reference) has nothing for \(platform), only \(offered.joined(separator: ", "))")
  }
}
