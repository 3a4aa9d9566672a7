import Wire

/// Which names inside signatures count for an image (containers-policy.json(5), signedIdentity).
enum SignedIdentity: Sendable, Hashable {
  case matchExact
  case matchRepoDigestOrExact
  case matchRepository
  case exactReference(ImageReference)
  case exactRepository(ImageReference)
  case remapIdentity(prefix: String, signedPrefix: String)

  /// Whether a signature under the name `signed` is one of `image`, a reference with a tag or a
  /// digest. A name that is none matches nothing.
  func accepts(_ signed: String, for image: ImageReference) -> Bool {
    guard let name = try? ImageReference(signed) else { return false }
    switch self {
    case .matchExact: return name.isSpecific && name.description == image.identity
    case .matchRepoDigestOrExact: return Self.matchesRepoDigestOrExact(name, image)
    case .matchRepository: return name.repository == image.repository
    case .exactReference(let exact):
      return name.isSpecific && name.description == exact.description
    case .exactRepository(let exact): return name.repository == exact.repository
    case .remapIdentity(let prefix, let signedPrefix):
      guard let remapped = Self.remap(image, prefix, signedPrefix) else { return false }
      return Self.matchesRepoDigestOrExact(name, remapped)
    }
  }

  /// Whether a signature that names no image at all counts: only rules that do not ask for a tag.
  func acceptsUnnamed(for image: ImageReference) -> Bool {
    switch self {
    case .matchRepository: true
    case .exactRepository(let exact): exact.repository == image.repository
    case .matchExact, .matchRepoDigestOrExact, .exactReference, .remapIdentity: false
    }
  }

  private static func matchesRepoDigestOrExact(
    _ name: ImageReference, _ image: ImageReference
  ) -> Bool {
    guard name.isSpecific else { return false }
    return image.tag == nil
      ? name.repository == image.repository : name.description == image.identity
  }

  /// The image under the name that its signer uses; the image itself where the prefix is not its
  /// own. Nil if the result is no full name: it is not normalized, or a remapped name could become
  /// one of Docker Hub.
  private static func remap(
    _ image: ImageReference, _ prefix: String, _ signedPrefix: String
  ) -> ImageReference? {
    let isMatch = image.repository == prefix || image.repository.hasPrefix(prefix + "/")
    guard isMatch else { return image }
    let text = signedPrefix + image.identity.dropFirst(prefix.count)
    guard let remapped = try? ImageReference(text), remapped.description == text else { return nil }
    return remapped
  }

  /// Whether a text can stand as a prefix: a registry, or a full name that starts with one.
  static func isPrefix(_ text: String) -> Bool {
    let probe = text.contains("/") ? text : text + "/probe"
    guard let name = try? ImageReference(probe), !name.isSpecific else { return false }
    return text.contains("/") ? name.description == text : name.domain == text
  }

  /// The word in the policy.
  var type: String {
    switch self {
    case .matchExact: "matchExact"
    case .matchRepoDigestOrExact: "matchRepoDigestOrExact"
    case .matchRepository: "matchRepository"
    case .exactReference: "exactReference"
    case .exactRepository: "exactRepository"
    case .remapIdentity: "remapIdentity"
    }
  }
}

extension ImageReference {
  var isSpecific: Bool { tag != nil || digest != nil }

  /// The name that signatures are compared with. Where a reference has a tag and a digest, the
  /// content is that of the digest, and the signature must be one for the tag.
  var identity: String {
    if let tag { return "\(repository):\(tag)" }
    return digest.map { "\(repository)@\($0)" } ?? repository
  }
}
