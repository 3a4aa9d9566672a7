import Wire
import YAML

/// One policy file: what an operator wrote, checked. Files are trusted as far as owner and mode make
/// them the operator's word, which is checked where they are read.
public struct PolicyFile: Sendable, Hashable {
  /// The only version of the format so far.
  public static let version = 1

  static let limits = YAMLLimits(maximumBytes: 1 << 20, maximumDepth: 32, maximumNodes: 100_000)
  /// Sections that come with later versions of the gateway. A policy that is not enforced must not
  /// look as if it were.
  static let laterSections = ["rules", "secrets", "network", "signatures"]

  public var hooks: [HookRule] = []

  public init() {}

  /// What could be read, and everything that is wrong; with an error among it the file must not be
  /// used.
  public static func decode(
    _ bytes: [UInt8], source: String
  ) -> (file: PolicyFile, problems: [Problem]) {
    let reader = YAMLReader(source: source)
    var file = PolicyFile()
    do {
      let document = try YAMLDocument(bytes, source: source, limits: limits)
      guard let root = document.root else {
        return (file, [Problem(source: source, line: 1, "the file is empty", hint: versionHint)])
      }
      if let fields = reader.fields(root, "a policy file") { file.read(fields) }
    } catch {
      return (file, [error])
    }
    return (file, reader.takeProblems().inReadingOrder)
  }

  private static let versionHint = "a policy file begins with version: \(version)"

  private mutating func read(_ fields: YAMLFields) {
    guard isKnownVersion(fields) else { return }
    for section in Self.laterSections {
      guard let node = fields.node(section) else { continue }
      fields.reader.report(
        at: node, "the section \(section.forMessage) is not in this version of the gateway",
        hint: "take it out; a policy that is not enforced must not look as if it were")
    }
    hooks = (fields.list("hooks") ?? []).compactMap { HookDecoder(fields.reader).hook($0) }
    fields.reportEmpty()
    fields.reportUnknown(as: .error)
  }

  /// Nothing else of a file of another version can be understood.
  private func isKnownVersion(_ fields: YAMLFields) -> Bool {
    guard let node = fields.node("version") else {
      fields.reader.report(at: fields.node, "version is missing", hint: Self.versionHint)
      return true
    }
    guard let version = fields.int("version") else { return true }
    if version == Self.version { return true }
    fields.reader.report(
      at: node,
      "version \(version) of policy files is not known; this gateway reads \(Self.version)")
    return false
  }
}
