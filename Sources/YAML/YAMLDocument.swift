import Wire

/// What we are willing to read before a document is refused.
public struct YAMLLimits: Sendable, Hashable {
  public var maximumBytes: Int
  /// Deepest nesting of lists and mappings.
  public var maximumDepth: Int
  /// Most values and keys.
  public var maximumNodes: Int

  public init(
    maximumBytes: Int = 4 << 20, maximumDepth: Int = 64, maximumNodes: Int = 200_000
  ) {
    self.maximumBytes = maximumBytes
    self.maximumDepth = maximumDepth
    self.maximumNodes = maximumNodes
  }

  /// A file of the operator.
  public static let localFile = YAMLLimits()
  /// A catalog from the network; the public one is large.
  public static let fetched = YAMLLimits(maximumBytes: 32 << 20)
  /// The label of an image.
  public static let label = YAMLLimits(maximumBytes: 64 << 10)
}

/// One document, read strictly: YAML without aliases, anchors, tags, merge keys, repeated keys or
/// keys that are not text. Every reader understands what is left alike. JSON is read as well.
public struct YAMLDocument: Sendable, Hashable {
  /// What the problems call it.
  public let source: String
  /// Nil for a text with nothing but white space and comments.
  public let root: YAMLNode?

  public init(
    _ bytes: [UInt8], source: String, limits: YAMLLimits = .localFile
  ) throws(Problem) {
    self.source = source
    let refusal = { (at: YAMLPosition, message: String, hint: String?) in
      Problem(source: source, line: at.line, column: at.column, message, hint: hint)
    }
    do {
      try PlainTextCheck.pass(bytes, maximumBytes: limits.maximumBytes)
      var builder = TreeBuilder(limits: limits)
      try LibYAML.forEachEvent(of: SurrogatePairs.joined(in: bytes)) {
        (event, position) throws(YAMLRefusal) in
        try builder.take(event, at: position)
      }
      root = builder.root
    } catch {
      throw refusal(error.position, error.message, error.hint)
    }
  }
}

/// A place in the text, 1-based.
struct YAMLPosition: Sendable, Hashable {
  var line: Int
  var column: Int
}

/// Why the text is not read further.
struct YAMLRefusal: Error, Sendable, Hashable {
  var position: YAMLPosition
  var message: String
  var hint: String?

  init(at position: YAMLPosition, _ message: String, hint: String? = nil) {
    self.position = position
    self.message = message
    self.hint = hint
  }
}
