import Wire

/// A manifest or an index of manifests, read out of bytes whose digest is known.
struct ManifestDocument: Sendable, Hashable {
  enum Content: Sendable, Hashable {
    case image(config: ContentDigest, layers: [Descriptor])
    case index([Descriptor])
  }

  /// A reference to other content.
  struct Descriptor: Sendable, Hashable {
    var mediaType: String
    var digest: ContentDigest
    var size: Int
    var platform: Platform?
    var annotations: [String: String] = [:]
    var artifactType: String?
  }

  let digest: ContentDigest
  let mediaType: String
  let content: Content
  let subject: ContentDigest?

  static let largest = 4 << 20
  private static let mostDescriptors = 1_000

  static let dockerManifest = "application/vnd.docker.distribution.manifest.v2+json"
  static let dockerList = "application/vnd.docker.distribution.manifest.list.v2+json"
  static let ociManifest = "application/vnd.oci.image.manifest.v1+json"
  static let ociIndex = "application/vnd.oci.image.index.v1+json"
  static let accepted = [ociManifest, dockerManifest, dockerList, ociIndex]

  /// - Parameter contentType: what the registry calls it; counts where the document does not say.
  init(_ bytes: [UInt8], contentType: String?) throws(Rejection) {
    digest = ContentDigest(of: bytes)
    do throws(FormFlaw) {
      let text = try JSONText.strict(bytes, limit: Self.largest)
      let object = try StrictObject(text, at: "", others: true)
      mediaType = try Self.mediaType(object, contentType)
      content = try Self.content(object, mediaType)
      subject = object.has("subject") ? try Self.descriptor(object.value("subject")).digest : nil
    } catch {
      throw Rejection(.registryError, "the manifest \(digest): \(error)")
    }
  }

  /// Document and registry must not disagree: the engine might believe the other one.
  private static func mediaType(
    _ object: StrictObject, _ contentType: String?
  ) throws(FormFlaw) -> String {
    let header = contentType.map { String($0.prefix { $0 != ";" && $0 != " " }).lowercased() }
    let known = header.flatMap { accepted.contains($0) ? $0 : nil }
    guard let own = try object.optionalString("mediaType"), !own.isEmpty else {
      if let known { return known }
      throw object.flaw("does not say what it is (content type \(header ?? "none"))")
    }
    guard accepted.contains(own) else {
      throw object.flaw("is of an unsupported kind (\(PrintableText(own, limit: 80)))")
    }
    guard known == nil || known == own else {
      throw object.flaw("is called a \(known ?? "") by the registry and a \(own) by itself")
    }
    return own
  }

  private static func content(
    _ object: StrictObject, _ mediaType: String
  ) throws(FormFlaw) -> Content {
    let isIndex = mediaType == dockerList || mediaType == ociIndex
    let (hasList, hasImage) = (
      object.has("manifests"), object.has("config") || object.has("layers")
    )
    guard hasList != hasImage, hasList == isIndex else {
      throw object.flaw("can be read as an image and as an index")
    }
    guard isIndex else {
      let layers = object.has("layers") ? try descriptors(object, "layers") : []
      return .image(config: try descriptor(object.value("config")).digest, layers: layers)
    }
    return .index(try descriptors(object, "manifests"))
  }

  private static func descriptors(
    _ object: StrictObject, _ name: String
  ) throws(FormFlaw) -> [Descriptor] {
    let elements = try object.elements(name)
    guard elements.count <= mostDescriptors else {
      throw object.flaw("has more than \(mostDescriptors) \(name)")
    }
    var found: [Descriptor] = []
    for element in elements { found.append(try descriptor(element)) }
    return found
  }

  private static func descriptor(_ text: JSONText) throws(FormFlaw) -> Descriptor {
    let object = try StrictObject(text, at: "a descriptor", others: true)
    guard let digest = ContentDigest(try object.string("digest")) else {
      throw object.flaw("has a digest that is not sha256")
    }
    let size = try object.integer("size")
    guard size >= 0 else { throw object.flaw("has a negative size") }
    return Descriptor(
      mediaType: try object.optionalString("mediaType") ?? "", digest: digest, size: Int(size),
      platform: try platform(object), annotations: try annotations(object),
      artifactType: try object.optionalString("artifactType"))
  }

  private static func platform(_ parent: StrictObject) throws(FormFlaw) -> Platform? {
    guard parent.has("platform") else { return nil }
    let object = try parent.object("platform", others: true)
    return Platform(
      system: try object.string("os"), architecture: try object.string("architecture"),
      variant: try object.optionalString("variant") ?? "")
  }

  private static func annotations(_ parent: StrictObject) throws(FormFlaw) -> [String: String] {
    guard parent.has("annotations") else { return [:] }
    return try parent.object("annotations", others: true).allStrings()
  }
}
