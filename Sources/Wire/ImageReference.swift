/// The name of an image, checked and written out in full: `alpine` is
/// `docker.io/library/alpine`. Follows the grammar of the distribution project, strictly.
public struct ImageReference: Sendable, Hashable {
  /// Host and port of the registry: `docker.io`, `localhost:5000`, `[::1]:5000`.
  public let domain: String
  /// The repository within the registry: `library/alpine`.
  public let path: String
  public let tag: String?
  /// `sha256:` and 64 hexadecimal digits. Where it is given, it decides and the tag is decoration.
  public let digest: String?

  /// Reads a reference as people write it.
  public init(_ text: String) throws(ImageReferenceProblem) {
    guard !text.isEmpty else { throw ImageReferenceProblem(text, "it is empty") }
    guard text.utf8.count <= 1024, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw ImageReferenceProblem(text, "only visible ASCII characters, at most 1024")
    }
    let (rest, digest) = Self.cut(text, atFirst: "@")
    let (name, tag) = Self.cutTag(rest)
    let (domain, path) = Self.splitDomain(name)
    if let fault = ImageReferenceGrammar.fault(
      domain: domain, path: path, tag: tag, digest: digest)
    {
      throw ImageReferenceProblem(text, fault)
    }
    self.init(domain: domain, path: path, tag: tag, digest: digest)
  }

  private init(domain: String, path: String, tag: String?, digest: String?) {
    self.domain = domain
    self.path = path
    self.tag = tag
    self.digest = digest
  }

  /// `domain/path`, without tag and digest.
  public var repository: String { "\(domain)/\(path)" }

  /// The same image with the tag `latest` where neither tag nor digest says which one is meant.
  public var withDefaultTag: ImageReference {
    tag == nil && digest == nil
      ? ImageReference(domain: domain, path: path, tag: "latest", digest: nil) : self
  }

  /// The same repository at exactly these contents; the tag is dropped.
  public func at(digest: String) throws(ImageReferenceProblem) -> ImageReference {
    try ImageReference("\(repository)@\(digest)")
  }

  private static func cut(_ text: String, atFirst mark: Character) -> (String, String?) {
    guard let place = text.firstIndex(of: mark) else { return (text, nil) }
    return (String(text[..<place]), String(text[text.index(after: place)...]))
  }

  /// A colon starts a tag only after the last slash; before it, it belongs to a port.
  private static func cutTag(_ text: String) -> (String, String?) {
    let nameStart = text.lastIndex(of: "/") ?? text.startIndex
    guard let colon = text[nameStart...].firstIndex(of: ":") else { return (text, nil) }
    return (String(text[..<colon]), String(text[text.index(after: colon)...]))
  }

  /// The first component is a registry if it cannot be a repository name: it has a dot, a colon or
  /// an upper-case letter, or is `localhost`. Docker's older spellings of its hub mean `docker.io`.
  private static func splitDomain(_ name: String) -> (domain: String, path: String) {
    let (first, rest) = cut(name, atFirst: "/")
    guard let rest,
      first.contains(where: { $0 == "." || $0 == ":" || $0.isUppercase }) || first == "localhost"
    else { return (hub, hubPath(name)) }
    return first == hub || first == "index.docker.io" ? (hub, hubPath(rest)) : (first, rest)
  }

  private static let hub = "docker.io"

  private static func hubPath(_ path: String) -> String {
    path.contains("/") ? path : "library/\(path)"
  }
}

extension ImageReference: CustomStringConvertible {
  /// In full: `docker.io/library/alpine:3@sha256:…`.
  public var description: String {
    repository + (tag.map { ":\($0)" } ?? "") + (digest.map { "@\($0)" } ?? "")
  }
}

/// Why a text is not the name of an image.
public struct ImageReferenceProblem: Error, Sendable, Hashable, CustomStringConvertible {
  public let reference: String
  public let message: String

  init(_ reference: String, _ message: String) {
    self.reference = PrintableText(reference, limit: 1000).description
    self.message = message
  }

  public var description: String {
    "\"\(reference)\" is not an image reference: \(message) "
      + "(expected [registry[:port]/]name[:tag][@sha256:…])"
  }
}
