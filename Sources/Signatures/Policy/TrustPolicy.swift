import Wire

/// A containers-policy.json: which requirements hold for which images. Pure; see
/// ``TrustPolicy/init(_:source:folder:)`` for the reader.
public struct TrustPolicy: Sendable, Hashable {
  /// The file as the operator named it.
  public let source: String
  /// Of the file's bytes: tells policies apart in records and caches.
  public let digest: ContentDigest
  let fallback: [Requirement]
  /// Of the transport `docker`, by scope.
  let scopes: [String: [Requirement]]

  /// The files in which its keys are.
  public var keyFiles: Set<String> {
    let requirements = fallback + scopes.values.flatMap(\.self)
    let files = requirements.flatMap(\.keys).compactMap { key in
      if case .file(let path) = key { path } else { nil }
    }
    return Set(files)
  }

  /// The requirements for one image, and where they stand.
  struct Choice: Sendable, Hashable {
    let requirements: [Requirement]
    /// The place, for people: `transports.docker["example.com/ns"]`.
    let place: String
    /// Whether a scope of the image's own name was found, and not only a default.
    let isOwn: Bool
  }

  /// The first scope that is present counts alone; nothing is merged.
  func choice(for image: ImageReference) -> Choice {
    for scope in Self.scopes(of: image) {
      if let found = scopes[scope] {
        return Choice(
          requirements: found, place: "transports.docker[\"\(scope)\"]", isOwn: true)
      }
    }
    if let standard = scopes[""] {
      return Choice(requirements: standard, place: "transports.docker[\"\"]", isOwn: false)
    }
    return Choice(requirements: fallback, place: "default", isOwn: false)
  }

  /// From the most to the least specific: the reference, the name, its parents down to the registry,
  /// and wildcards for the registry's domains.
  static func scopes(of image: ImageReference) -> [String] {
    var scopes: [String] = []
    if let digest = image.digest { scopes.append("\(image.repository)@\(digest)") }
    if let tag = image.tag { scopes.append("\(image.repository):\(tag)") }
    var name = image.repository
    while let slash = name.lastIndex(of: "/") {
      scopes.append(name)
      name = String(name[..<slash])
    }
    scopes.append(name)
    return scopes + wildcards(of: image.domain)
  }

  private static func wildcards(of domain: String) -> [String] {
    // An address has no subdomains.
    guard !domain.hasPrefix("[") else { return [] }
    var labels = domain.prefix { $0 != ":" }.split(separator: ".")[...]
    var wildcards: [String] = []
    while labels.popFirst() != nil, !labels.isEmpty {
      wildcards.append("*." + labels.joined(separator: "."))
    }
    return wildcards
  }
}
