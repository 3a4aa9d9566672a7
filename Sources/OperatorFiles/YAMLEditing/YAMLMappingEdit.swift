import Wire
import YAML

/// Adds and removes entries of one mapping of a YAML file line by line, so that everything else,
/// comments and spelling included, stays as the operator wrote it.
///
/// Only mappings written over several lines can be edited; one in braces is refused. Every caller
/// reads the result again and compares it with what it wanted, so a text whose layout this does
/// not foresee is refused and never damaged.
struct YAMLMappingEdit {
  private(set) var lines: [Substring]
  private let source: String
  /// The key at the top whose mapping is edited; nil: the top itself.
  private let key: String?

  init(_ bytes: [UInt8], source: String, under key: String?) throws(Problem) {
    self.source = source
    self.key = key
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Problem(source: source, "is not UTF-8 text")
    }
    lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    _ = try layout()
  }

  var bytes: [UInt8] { Array(lines.map { $0 + "\n" }.joined().utf8) }

  var entries: [YAMLEntry] {
    get throws(Problem) { try layout().entries }
  }

  func entry(_ name: String) throws(Problem) -> YAMLEntry? {
    try entries.first { $0.key == name }
  }

  /// Adds an entry, given as lines without indentation, behind the last one.
  mutating func insert(_ entry: [String]) throws(Problem) {
    let layout = try layout()
    if let last = layout.entries.last {
      let indent = String(repeating: " ", count: last.keyColumn - 1)
      lines.insert(contentsOf: entry.map { indent + $0 }[...].map { $0[...] }, at: layout.end)
      return
    }
    guard let key else {
      clearBraces(layout)
      lines.append(contentsOf: entry.map { $0[...] })
      return
    }
    if let holder = layout.holder {
      clearBraces(layout)
      lines.insert(contentsOf: entry.map { "  \($0)"[...] }, at: holder.keyLine)
    } else {
      clearBraces(layout)
      lines.append(contentsOf: ["\(key):"[...]] + entry.map { "  \($0)"[...] })
    }
  }

  mutating func remove(_ name: String) throws(Problem) {
    let layout = try layout()
    guard let index = layout.entries.firstIndex(where: { $0.key == name }) else { return }
    let start = layout.entries[index].keyLine - 1
    let isLast = index + 1 == layout.entries.count
    let end = isLast ? layout.end : contentEnd(layout.entries[index + 1].keyLine - 1, from: start)
    lines.removeSubrange(start..<max(end, start + 1))
    if layout.entries.count == 1 { writeEmptyMapping(layout) }
  }

  /// Replaces an entry where it stands.
  mutating func replace(_ name: String, with entry: [String]) throws(Problem) {
    let layout = try layout()
    guard let index = layout.entries.firstIndex(where: { $0.key == name }) else { return }
    let old = layout.entries[index]
    let start = old.keyLine - 1
    let isLast = index + 1 == layout.entries.count
    let end = isLast ? layout.end : contentEnd(layout.entries[index + 1].keyLine - 1, from: start)
    let indent = String(repeating: " ", count: old.keyColumn - 1)
    lines.replaceSubrange(
      start..<max(end, start + 1), with: entry.map { (indent + $0)[...] })
  }

  // MARK: Layout

  private struct Layout {
    var holder: YAMLEntry?
    var entries: [YAMLEntry] = []
    /// Index of the first line behind the mapping's own text.
    var end = 0
    /// Where `{}` stands.
    var braces: YAMLNode?
  }

  private func layout() throws(Problem) -> Layout {
    var layout = Layout()
    guard let root = try YAMLDocument(bytes, source: source).root else { return layout }
    guard case .mapping(let top) = root.kind else {
      throw Problem(source: source, line: root.line, column: root.column, "is not a mapping")
    }
    guard let key else {
      layout.end = contentEnd(lines.count, from: 0)
      try fill(&layout, from: root, top)
      return layout
    }
    guard let index = top.firstIndex(where: { $0.key == key }) else {
      guard isFlow(root) else { return layout }
      guard top.isEmpty else { throw flowProblem(root) }
      layout.braces = root
      return layout
    }
    layout.holder = top[index]
    let next = index + 1 < top.count ? top[index + 1].keyLine - 1 : lines.count
    layout.end = contentEnd(next, from: top[index].keyLine - 1)
    if top[index].value.isNull { return layout }
    guard case .mapping(let entries) = top[index].value.kind else {
      throw Problem(
        source: source, line: top[index].value.line, column: top[index].value.column,
        "\(key) is not a mapping")
    }
    try fill(&layout, from: top[index].value, entries)
    return layout
  }

  private func fill(
    _ layout: inout Layout, from node: YAMLNode, _ entries: [YAMLEntry]
  ) throws(Problem) {
    if isFlow(node) {
      guard entries.isEmpty else { throw flowProblem(node) }
      layout.braces = node
    }
    layout.entries = entries
  }

  private func flowProblem(_ node: YAMLNode) -> Problem {
    Problem(
      source: source, line: node.line, column: node.column,
      "is written in braces, which this command does not edit",
      hint: "write one entry a line, or edit it by hand")
  }

  private func isFlow(_ node: YAMLNode) -> Bool {
    character(at: node.line, node.column) == "{"
  }

  private func character(at line: Int, _ column: Int) -> Unicode.Scalar? {
    guard lines.indices.contains(line - 1) else { return nil }
    return lines[line - 1].unicodeScalars.dropFirst(column - 1).first
  }

  /// Comments and empty lines at the end belong to what comes next.
  private func contentEnd(_ end: Int, from start: Int) -> Int {
    var end = end
    while end > start + 1, isIdle(lines[end - 1]) { end -= 1 }
    return end
  }

  private func isIdle(_ line: Substring) -> Bool {
    let text = line.drop { $0 == " " || $0 == "\t" || $0 == "\r" }
    return text.isEmpty || text.hasPrefix("#") || text == "..."
  }

  /// Takes `{}` out, with the space before it.
  private mutating func clearBraces(_ layout: Layout) {
    guard let braces = layout.braces else { return }
    let index = braces.line - 1
    let scalars = lines[index].unicodeScalars
    let start = scalars.index(scalars.startIndex, offsetBy: braces.column - 1)
    guard let close = scalars[start...].firstIndex(of: "}") else { return }
    var front = Substring(scalars[..<start])
    while front.last == " " { front.removeLast() }
    lines[index] = front + Substring(scalars[scalars.index(after: close)...])
    if layout.holder == nil, lines[index].allSatisfy({ $0 == " " }) { lines.remove(at: index) }
  }

  private mutating func writeEmptyMapping(_ layout: Layout) {
    guard let holder = layout.holder else { return }
    let index = holder.keyLine - 1
    guard let colon = lines[index].lastIndexOfKeyColon(after: holder.keyColumn - 1) else { return }
    let next = lines[index].index(after: colon)
    lines[index] = lines[index][..<next] + " {}" + lines[index][next...]
  }
}

extension Substring {
  /// The colon that ends a plain key which starts at `column`.
  fileprivate func lastIndexOfKeyColon(after column: Int) -> Index? {
    dropFirst(column).firstIndex(of: ":")
  }
}
