import YAML

/// Reads what a hook may do beyond judging.
struct HookGrantsDecoder {
  private let reader: YAMLReader

  init(_ reader: YAMLReader) { self.reader = reader }

  /// Nil where an error was reported.
  func grants(_ node: YAMLNode?, for kind: HookRule.Kind?) -> HookRule.Grants? {
    guard let node else { return HookRule.Grants() }
    guard let fields = reader.fields(node, "grants") else { return nil }
    let values = ValueSourceDecoder(reader)
    let read = paths(fields, "read", values)
    let write = paths(fields, "write", values)
    let network = fields.node("network").map { reader.bool($0, "network") }
    let environment = list(fields, "environment") { values.name($0) }
    let secretValues = fields.node("secret-values").map { reader.bool($0, "secret-values") }
    fields.reportEmpty()
    fields.reportUnknown(as: .error)
    guard let read, let write, let environment, network != .some(nil),
      secretValues != .some(nil), let kind, fit(kind, fields)
    else { return nil }
    var grants = HookRule.Grants()
    grants.readPaths = read
    grants.writePaths = write
    grants.network = (network ?? nil) ?? false
    grants.environment = environment
    grants.secretValues = (secretValues ?? nil) ?? false
    return grants
  }

  private func paths(
    _ fields: YAMLFields, _ key: String, _ values: ValueSourceDecoder
  ) -> [String]? {
    list(fields, key) { values.path($0, "an entry of \(key)") }
  }

  private func list(
    _ fields: YAMLFields, _ key: String, _ entry: (YAMLNode) -> String?
  ) -> [String]? {
    guard fields.node(key) != nil else { return [] }
    guard let nodes = fields.list(key) else { return nil }
    let entries = nodes.map(entry)
    return entries.contains(nil) ? nil : entries.compactMap(\.self)
  }

  /// A grant that means nothing for a kind is a misunderstanding of what protects whom.
  private func fit(_ kind: HookRule.Kind, _ fields: YAMLFields) -> Bool {
    let (name, meaningless): (String, [String]) =
      switch kind {
      case .exec: ("exec", [])
      case .http: ("http", ["read", "write", "network", "environment"])
      case .docker: ("docker", ["read", "write", "environment"])
      }
    let found = meaningless.compactMap { key in fields.node(key).map { (key, $0) } }
    for (key, node) in found {
      reader.report(at: node, "\(key) cannot be granted to \(name) hooks", hint: "take it out")
    }
    return found.isEmpty
  }
}
