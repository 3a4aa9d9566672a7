import Wire

/// Reads typed values out of a document's tree and collects what is wrong with them, so that an
/// operator sees all of it at once. An accessor that returns nil has said why, unless its value was
/// simply absent.
public final class YAMLReader {
  public let source: String
  public private(set) var problems: [Problem] = []

  public init(source: String) { self.source = source }

  public func report(
    _ severity: Problem.Severity = .error, at node: YAMLNode, _ message: String, hint: String? = nil
  ) {
    problems.append(
      Problem(
        severity, source: source, line: node.line, column: node.column, message, hint: hint))
  }

  public func report(
    _ severity: Problem.Severity = .error, atKeyOf entry: YAMLEntry, _ message: String,
    hint: String? = nil
  ) {
    problems.append(
      Problem(
        severity, source: source, line: entry.keyLine, column: entry.keyColumn, message, hint: hint)
    )
  }

  /// Takes out what was reported since, so that it can be counted elsewhere.
  public func takeProblems() -> [Problem] {
    defer { problems = [] }
    return problems
  }

  /// `what` names the value in messages, such as `image`.
  public func string(_ node: YAMLNode, _ what: String) -> String? {
    if case .scalar(let scalar) = node.kind, !scalar.isNull { return scalar.text }
    return refuse(node, what, "text")
  }

  /// Only plain `true` and `false`: quoted they are text, and `yes` is not a truth everywhere.
  public func bool(_ node: YAMLNode, _ what: String) -> Bool? {
    if case .scalar(let scalar) = node.kind, case .bool(let value) = scalar.meaning { return value }
    return refuse(node, what, "true or false")
  }

  public func int(_ node: YAMLNode, _ what: String) -> Int? {
    if case .number(let literal) = number(node), let value = Int(literal) { return value }
    return refuse(node, what, "a whole number")
  }

  public func double(_ node: YAMLNode, _ what: String) -> Double? {
    if case .number(let literal) = number(node), let value = Double(literal), value.isFinite {
      return value
    }
    return refuse(node, what, "a number")
  }

  public func list(_ node: YAMLNode, _ what: String) -> [YAMLNode]? {
    if case .sequence(let elements) = node.kind { return elements }
    return refuse(node, what, "a list")
  }

  public func strings(_ node: YAMLNode, _ what: String) -> [String]? {
    list(node, what)?.compactMap { string($0, "an entry of \(what)") }
  }

  public func entries(_ node: YAMLNode, _ what: String) -> [YAMLEntry]? {
    if case .mapping(let entries) = node.kind { return entries }
    return refuse(node, what, "a mapping")
  }

  /// The mapping at `node`, to be read key by key.
  public func fields(_ node: YAMLNode, _ what: String) -> YAMLFields? {
    entries(node, what).map { YAMLFields(reader: self, node: node, entries: $0) }
  }

  private func number(_ node: YAMLNode) -> YAMLScalar.Meaning {
    if case .scalar(let scalar) = node.kind { return scalar.meaning }
    return .text
  }

  private func refuse<Value>(_ node: YAMLNode, _ what: String, _ wanted: String) -> Value? {
    report(at: node, "\(what) must be \(wanted), not \(node.title)")
    return nil
  }
}
