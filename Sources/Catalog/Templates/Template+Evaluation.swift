import Wire

extension Template {
  /// The elements this stands for in a list: a reference that is the whole template spreads its
  /// list, anything else is one element.
  func elements(with values: JSONText) -> [TemplateText] {
    if parts.count == 1, case .reference(let reference) = parts[0] {
      return reference.evaluate(with: values).elements
    }
    return [text(with: values)]
  }

  /// The template as one text.
  func text(with values: JSONText) -> TemplateText {
    parts.reduce(.empty) { sum, part in
      switch part {
      case .literal(let literal): sum + .literal(literal)
      case .reference(let reference): sum + reference.evaluate(with: values).printed
      }
    }
  }
}

extension Template.Reference {
  fileprivate func evaluate(with values: JSONText) -> TemplateValue {
    let found = path.reduce(values as JSONText?) { $0?[$1] }
    return filters.reduce(TemplateValue(found)) { $1.apply(to: $0) }
  }
}

/// What a reference stands for on its way through the filters.
enum TemplateValue: Sendable, Hashable {
  case text(TemplateText)
  case list([TemplateText])

  /// What is missing or null is empty.
  init(_ value: JSONText?) {
    if let value, value.kind == .array {
      self = .list(value.elements.map { .data($0.printed) })
    } else {
      self = .text(.data(value?.printed ?? ""))
    }
  }

  var isEmpty: Bool {
    switch self {
    case .text(let text): text.isEmpty
    case .list(let elements): elements.isEmpty
    }
  }

  var elements: [TemplateText] {
    switch self {
    case .text(let text): [text]
    case .list(let elements): elements
    }
  }

  /// Inside other text a list looks like `[a b]`.
  var printed: TemplateText {
    switch self {
    case .text(let text): return text
    case .list(let elements):
      let inner = elements.enumerated().reduce(TemplateText.empty) {
        $0 + ($1.offset > 0 ? .literal(" ") : .empty) + $1.element
      }
      return .literal("[") + inner + .literal("]")
    }
  }

  func mapElements(_ change: (TemplateText) -> TemplateText) -> TemplateValue {
    switch self {
    case .text(let text): .text(text.isEmpty ? text : change(text))
    case .list(let elements): .list(elements.map { $0.isEmpty ? $0 : change($0) })
    }
  }
}

extension TemplateFilter {
  fileprivate func apply(to value: TemplateValue) -> TemplateValue {
    switch self {
    case .first: .text(value.elements.first ?? .empty)
    case .last: .text(value.elements.last ?? .empty)
    case .into: .list(value.elements)
    case .or(let fallback): value.isEmpty ? fallback.value : value
    case .mountAs(let target):
      TemplateValue.text(value.elements.first ?? .empty)
        .mapElements { $0 + .literal(":" + target) }
    case .volume: value.mapElements { $0 + .literal(":") + $0 }
    // Host and container agree on paths: both are Linux.
    case .volumeTarget: value
    }
  }
}

extension TemplateFilter.Fallback {
  fileprivate var value: TemplateValue {
    switch self {
    case .text(let text): .text(.literal(text))
    case .list(let elements): .list(elements.map { .literal($0) })
    }
  }
}

extension JSONText {
  /// As Go prints it, since catalogs were written against that: `[a b]`, `map[k:v]`; numbers stay
  /// as they were written.
  fileprivate var printed: String {
    switch kind {
    case .string: return string ?? ""
    case .null: return ""
    case .bool, .number: return description
    case .array: return "[" + elements.map(\.printed).joined(separator: " ") + "]"
    case .object:
      let entries = members.sorted { $0.name < $1.name }.map { "\($0.name):\($0.value.printed)" }
      return "map[" + entries.joined(separator: " ") + "]"
    }
  }
}
