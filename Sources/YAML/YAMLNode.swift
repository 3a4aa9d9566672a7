/// One value of a document and where it stands.
public struct YAMLNode: Sendable, Hashable {
  public enum Kind: Sendable, Hashable {
    case scalar(YAMLScalar)
    case sequence([YAMLNode])
    /// In the order of the text; no key twice.
    case mapping([YAMLEntry])
  }

  public let kind: Kind
  /// 1-based.
  public let line: Int
  /// 1-based, in characters.
  public let column: Int

  init(kind: Kind, line: Int, column: Int) {
    (self.kind, self.line, self.column) = (kind, line, column)
  }

  /// A mapping with some of another one's entries; they must not repeat a key.
  public init(mapping entries: [YAMLEntry], line: Int, column: Int) {
    self.init(kind: .mapping(entries), line: line, column: column)
  }

  /// Whether nothing is there: `key:`, `~` or `null`.
  public var isNull: Bool {
    guard case .scalar(let scalar) = kind else { return false }
    return scalar.isNull
  }

  /// What it is, for messages.
  var title: String {
    switch kind {
    case .scalar(let scalar): scalar.title
    case .sequence: "a list"
    case .mapping: "a mapping"
    }
  }
}

/// A key of a mapping and its value.
public struct YAMLEntry: Sendable, Hashable {
  public let key: String
  public let keyLine: Int
  public let keyColumn: Int
  public let value: YAMLNode
}

/// A text as it stands in the document; what it means is decided by who reads it.
public struct YAMLScalar: Sendable, Hashable {
  public enum Style: Sendable, Hashable { case plain, quoted, block }

  public let text: String
  public let style: Style

  /// What a plain text means, in the narrow reading that cannot surprise: `yes`, `on`, `0x10`,
  /// `1_000` and dates are text.
  public enum Meaning: Sendable, Hashable {
    case null
    case bool(Bool)
    /// The literal, in JSON's grammar.
    case number(String)
    case text
  }

  public var meaning: Meaning {
    guard style == .plain else { return .text }
    switch text {
    case "", "~", "null", "Null", "NULL": return .null
    case "true": return .bool(true)
    case "false": return .bool(false)
    default: return PlainNumber.literal(text).map(Meaning.number) ?? .text
    }
  }

  var isNull: Bool { meaning == .null }

  var title: String {
    switch meaning {
    case .null: "nothing"
    case .bool: "a boolean"
    case .number: "a number"
    case .text: style == .plain ? "text" : "quoted text"
    }
  }
}
