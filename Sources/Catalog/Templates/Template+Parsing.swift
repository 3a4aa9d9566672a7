extension Template {
  /// Any text is a template: braces that hold no reference are themselves.
  public init(_ source: String) {
    self.source = source
    var parts: [Part] = []
    var literal = ""
    var rest = Substring(source)
    while let start = rest.firstRange(ofASCII: "{{") {
      literal += rest[..<start.lowerBound]
      let inner = rest[start.upperBound...]
      let content = inner.prefix { $0 != "{" && $0 != "}" }
      guard inner[content.endIndex...].hasPrefix("}}") else {
        // `{{{x}}}`: the reference may start one brace later.
        literal += "{"
        rest = rest[rest.index(after: start.lowerBound)...]
        continue
      }
      if !literal.isEmpty { parts.append(.literal(literal)) }
      literal = ""
      parts.append(.reference(Reference(content)))
      rest = inner[content.endIndex...].dropFirst(2)
    }
    literal += rest
    if !literal.isEmpty { parts.append(.literal(literal)) }
    self.parts = parts
  }

  /// Filters that have no effect because they are unknown, as written.
  var unknownFilters: [String] {
    parts.flatMap { part -> [String] in
      if case .reference(let reference) = part { reference.unknownFilters } else { [] }
    }
  }

  /// The first path that it asks for, for messages.
  var firstPath: String? {
    for case .reference(let reference) in parts { return reference.path.joined(separator: ".") }
    return nil
  }

  /// Whether it depends on values at all.
  var hasReferences: Bool {
    parts.contains { if case .reference = $0 { true } else { false } }
  }
}

extension Template.Reference {
  /// `path | filter | filter`, without the braces.
  fileprivate init(_ content: Substring) {
    let words = content.split(separator: "|", omittingEmptySubsequences: false)
    path = (words.first ?? "").split(separator: ".", omittingEmptySubsequences: false)
      .map(\.trimmed)
    filters = []
    unknownFilters = []
    for word in words.dropFirst() {
      if let filter = TemplateFilter(word) {
        filters.append(filter)
      } else {
        unknownFilters.append(word.trimmed)
      }
    }
  }
}

extension TemplateFilter {
  /// `or:` and `mount_as:` are filters only directly after the bar, as in Docker's gateway.
  fileprivate init?(_ word: Substring) {
    switch word.trimmed {
    case "first": self = .first
    case "last": self = .last
    case "into": self = .into
    case "volume": self = .volume
    case "volume-target": self = .volumeTarget
    default:
      if word.hasPrefix("or:") {
        self = .or(Fallback(word.dropFirst(3)))
      } else if word.hasPrefix("mount_as:") {
        self = .mountAs(String(word.dropFirst(9)))
      } else {
        return nil
      }
    }
  }
}

extension TemplateFilter.Fallback {
  /// `[a,b]` is a list, everything else text.
  fileprivate init(_ text: Substring) {
    guard text.hasPrefix("["), text.hasSuffix("]"), text.count >= 2 else {
      self = .text(String(text))
      return
    }
    let elements = text.dropFirst().dropLast().split(separator: ",").map(\.trimmed)
    self = .list(elements.filter { !$0.isEmpty })
  }
}

extension Substring {
  /// Where two ASCII characters stand next to each other.
  fileprivate func firstRange(ofASCII pair: String) -> Range<Index>? {
    var rest = self
    while let first = pair.first, let at = rest.firstIndex(of: first) {
      let after = index(after: at)
      if self[at...].hasPrefix(pair) { return at..<index(after: after) }
      rest = self[after...]
    }
    return nil
  }
}
