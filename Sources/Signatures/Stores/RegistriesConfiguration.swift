import FoundationEssentials
import Wire
import YAML

/// Where the signatures of images are: the merged files of a registries.d folder
/// (containers-registries.d(5)).
public struct RegistriesConfiguration: Sendable, Hashable {
  struct Section: Sendable, Hashable {
    var lookaside: String?
    var usesAttachments: Bool?
  }

  private(set) var fallback: Section?
  private(set) var scopes: [String: Section] = [:]
  /// Where signatures are if nothing says so: the user's own store.
  let standardLookaside: String
  public private(set) var warnings: [Problem] = []

  static let largestFile = 1 << 20
  private static let mostFiles = 1_000

  /// Nothing configured.
  public init(standardLookaside: String) { self.standardLookaside = standardLookaside }

  /// Reads all files of a folder. One that is not there is no configuration.
  public init(folder: String, standardLookaside: String) throws(Problem) {
    self.init(standardLookaside: standardLookaside)
    guard FileManager.default.fileExists(atPath: folder) else { return }
    let names: [String]
    do { names = try FileManager.default.contentsOfDirectory(atPath: folder) } catch {
      throw Problem(source: folder, "the folder cannot be read")
    }
    let files = names.filter { $0.hasSuffix(".yaml") }.sorted()
    guard files.count <= Self.mostFiles else {
      throw Problem(source: folder, "more than \(Self.mostFiles) files")
    }
    for file in files { try add(file: "\(folder)/\(file)") }
  }

  private mutating func add(file path: String) throws(Problem) {
    let bytes: [UInt8]
    do { bytes = try BoundedFile.bytes(at: path, limit: Self.largestFile) } catch {
      throw Problem(source: path, "the file \(error.description)")
    }
    try add(bytes, source: path)
  }

  /// Adds one file; a scope that another file has already is a contradiction.
  mutating func add(_ bytes: [UInt8], source: String) throws(Problem) {
    let document = try YAMLDocument(
      bytes, source: source, limits: YAMLLimits(maximumBytes: Self.largestFile))
    guard let root = document.root, !root.isNull else { return }
    let reader = YAMLReader(source: source)
    if let top = reader.fields(root, "the file") {
      if let node = top.node("default-docker"), let fields = reader.fields(node, "default-docker") {
        if fallback != nil { reader.report(at: node, "default-docker is in another file, too") }
        fallback = Self.section(fields)
      }
      for entry in top.entries("docker") ?? [] { addScope(entry, reader) }
      top.reportUnknown(as: .warning)
    }
    let problems = reader.problems
    if let error = problems.inReadingOrder.first(where: { $0.severity == .error }) { throw error }
    warnings += problems
  }

  private mutating func addScope(_ entry: YAMLEntry, _ reader: YAMLReader) {
    guard !entry.value.isNull, let fields = reader.fields(entry.value, entry.key) else { return }
    if scopes[entry.key] != nil {
      reader.report(atKeyOf: entry, "\"\(PrintableText(entry.key))\" is in another file, too")
    }
    scopes[entry.key] = Self.section(fields)
  }

  private static func section(_ fields: YAMLFields) -> Section {
    let current = fields.string("lookaside")
    let old = fields.string("sigstore")
    // For writers of signatures.
    for name in ["lookaside-staging", "sigstore-staging"] { _ = fields.string(name) }
    let section = Section(
      lookaside: current ?? old, usesAttachments: fields.bool("use-sigstore-attachments"))
    fields.reportUnknown(as: .warning)
    return section
  }

  // MARK: Lookup

  /// The base URL of the signature store of an image.
  func lookaside(for image: ImageReference) -> String {
    first(for: image, \.lookaside) ?? standardLookaside
  }

  /// Nil where nothing says whether signatures are beside the image.
  func usesAttachments(for image: ImageReference) -> Bool? { first(for: image, \.usesAttachments) }

  /// The most specific section that has the option: one without it does not end the search.
  private func first<Value>(
    for image: ImageReference, _ option: (Section) -> Value?
  ) -> Value? {
    for scope in TrustPolicy.scopes(of: image) {
      if let value = scopes[scope].flatMap(option) { return value }
    }
    return fallback.flatMap(option)
  }
}
