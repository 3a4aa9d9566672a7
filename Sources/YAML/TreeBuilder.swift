/// Builds the tree from events and refuses what makes documents ambiguous or explosive.
struct TreeBuilder {
  private let limits: YAMLLimits
  private var open: [Container] = []
  private var nodes = 0
  private var documents = 0
  private(set) var root: YAMLNode?

  init(limits: YAMLLimits) { self.limits = limits }

  /// A list or mapping whose end has not come yet.
  private struct Container {
    let position: YAMLPosition
    let isMapping: Bool
    var elements: [YAMLNode] = []
    var entries: [YAMLEntry] = []
    /// Where each key stands.
    var keys: [String: YAMLPosition] = [:]
    /// A key that waits for its value.
    var key: (text: String, position: YAMLPosition)?

    var expectsKey: Bool { isMapping && key == nil }

    var node: YAMLNode {
      YAMLNode(
        kind: isMapping ? .mapping(entries) : .sequence(elements), line: position.line,
        column: position.column)
    }
  }

  mutating func take(_ event: YAMLEvent, at position: YAMLPosition) throws(YAMLRefusal) {
    switch event {
    case .documentStart: try startDocument(at: position)
    case .alias:
      throw YAMLRefusal(
        at: position, "aliases (*name) are not accepted", hint: "write the value out")
    case .scalar(let scalar, let hasAnchor, let hasTag):
      try check(hasAnchor: hasAnchor, hasTag: hasTag, at: position)
      try take(scalar, at: position)
    case .sequenceStart(let hasAnchor, let hasTag):
      try check(hasAnchor: hasAnchor, hasTag: hasTag, at: position)
      try start(Container(position: position, isMapping: false))
    case .mappingStart(let hasAnchor, let hasTag):
      try check(hasAnchor: hasAnchor, hasTag: hasTag, at: position)
      try start(Container(position: position, isMapping: true))
    case .sequenceEnd, .mappingEnd:
      if let ended = open.popLast() { place(ended.node) }
    }
  }

  private mutating func startDocument(at position: YAMLPosition) throws(YAMLRefusal) {
    documents += 1
    guard documents == 1 else {
      throw YAMLRefusal(
        at: position, "a second document starts here", hint: "keep one document in a file")
    }
  }

  private mutating func check(
    hasAnchor: Bool, hasTag: Bool, at position: YAMLPosition
  ) throws(YAMLRefusal) {
    if hasAnchor {
      throw YAMLRefusal(at: position, "anchors (&name) are not accepted", hint: "remove it")
    }
    if hasTag {
      throw YAMLRefusal(
        at: position, "tags (!name) are not accepted", hint: "quote a value that is text")
    }
    nodes += 1
    guard nodes <= limits.maximumNodes else {
      throw YAMLRefusal(at: position, "there are more than \(limits.maximumNodes) values")
    }
  }

  private mutating func start(_ container: Container) throws(YAMLRefusal) {
    if open.last?.expectsKey == true {
      throw YAMLRefusal(at: container.position, "a key must be text, not a list or a mapping")
    }
    guard open.count < limits.maximumDepth else {
      throw YAMLRefusal(
        at: container.position, "the nesting is deeper than \(limits.maximumDepth)")
    }
    open.append(container)
  }

  private mutating func take(
    _ scalar: YAMLScalar, at position: YAMLPosition
  ) throws(YAMLRefusal) {
    // Escapes can make what the text itself may not hold; no consumer of ours can carry it.
    if scalar.text.utf8.contains(0) {
      throw YAMLRefusal(at: position, "a NUL character is not accepted")
    }
    if open.last?.expectsKey == true {
      try startEntry(scalar, at: position)
    } else {
      place(YAMLNode(kind: .scalar(scalar), line: position.line, column: position.column))
    }
  }

  private mutating func startEntry(
    _ key: YAMLScalar, at position: YAMLPosition
  ) throws(YAMLRefusal) {
    let last = open.count - 1
    if key.style == .plain, key.text.isEmpty {
      throw YAMLRefusal(at: position, "a key is missing before the colon")
    }
    if key.style == .plain, key.text == "<<" {
      throw YAMLRefusal(
        at: position, "merge keys (<<) are not accepted", hint: "write the entries out")
    }
    if let first = open[last].keys.updateValue(position, forKey: key.text) {
      throw YAMLRefusal(
        at: position, "the key \(key.text.forMessage) stands here a second time",
        hint: "the first is in line \(first.line)")
    }
    open[last].key = (key.text, position)
  }

  /// Hands a finished value to what it belongs to.
  private mutating func place(_ node: YAMLNode) {
    guard var parent = open.popLast() else {
      // An empty document has one scalar of nothing.
      root = node.isNull ? nil : node
      return
    }
    if let key = parent.key {
      parent.entries.append(
        YAMLEntry(
          key: key.text, keyLine: key.position.line, keyColumn: key.position.column, value: node))
      parent.key = nil
    } else {
      parent.elements.append(node)
    }
    open.append(parent)
  }
}
