import Wire

extension YAMLNode {
  /// The same value as JSON. Text that looks like nothing else in YAML stays text.
  public var json: JSONText {
    switch kind {
    case .sequence(let elements): JSONText(array: elements.map(\.json))
    case .mapping(let entries): JSONText(object: entries.map { ($0.key, $0.value.json) })
    case .scalar(let scalar): scalar.json
    }
  }
}

extension YAMLScalar {
  fileprivate var json: JSONText {
    switch meaning {
    case .null: .null
    case .bool(let value): JSONText(value)
    // A number too large for JSON's readers is kept as the text it was.
    case .number(let literal): (try? JSONText(validating: literal)) ?? JSONText(string: text)
    case .text: JSONText(string: text)
    }
  }
}
