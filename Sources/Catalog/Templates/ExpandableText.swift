import Wire

/// A text in which `$NAME` and `${NAME}` stand for variables; any other `$` is itself.
public struct ExpandableText: Sendable, Hashable {
  enum Part: Sendable, Hashable {
    case literal(String)
    case variable(String)
  }

  let parts: [Part]
  /// The text as the catalog has it.
  public let source: String

  public init(_ source: String) {
    self.source = source
    parts = Self.parse(source)
  }

  private static func parse(_ source: String) -> [Part] {
    var parts: [Part] = []
    var literal = ""
    var rest = Substring(source)
    while let dollar = rest.firstIndex(of: "$") {
      literal += rest[..<dollar]
      guard let (name, after) = variable(in: rest[rest.index(after: dollar)...]) else {
        literal += "$"
        rest = rest[rest.index(after: dollar)...]
        continue
      }
      if !literal.isEmpty { parts.append(.literal(literal)) }
      literal = ""
      parts.append(.variable(name))
      rest = after
    }
    literal += rest
    if !literal.isEmpty { parts.append(.literal(literal)) }
    return parts
  }

  /// The variable's name at the start of `text`, which follows a `$`, and what comes after it.
  private static func variable(in text: Substring) -> (String, Substring)? {
    let isBraced = text.first == "{"
    let inner = isBraced ? text.dropFirst() : text
    let name = inner.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    guard let first = name.first, !first.isNumber else { return nil }
    let after = inner[name.endIndex...]
    guard isBraced else { return (String(name), after) }
    return after.first == "}" ? (String(name), after.dropFirst()) : nil
  }

  /// The text with the values of `variables`, an unknown one being empty. It is secret as soon as
  /// one of them is.
  func resolved(with variables: [String: ResolvedText]) -> ResolvedText {
    var text = ""
    var isSecret = false
    for part in parts {
      switch part {
      case .literal(let literal): text += literal
      case .variable(let name):
        guard let value = variables[name] else { continue }
        text += value.exposed
        if case .secret = value { isSecret = true }
      }
    }
    return isSecret ? .secret(Secret(text)) : .plain(text)
  }
}
