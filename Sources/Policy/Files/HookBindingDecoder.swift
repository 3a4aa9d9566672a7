import Wire
import YAML

/// Reads which calls a hook judges.
struct HookBindingDecoder {
  private let reader: YAMLReader

  init(_ reader: YAMLReader) { self.reader = reader }

  /// Nil where an error was reported.
  func binding(_ node: YAMLNode?) -> HookBinding? {
    guard let node else { return HookBinding() }
    guard let fields = reader.fields(node, "match") else { return nil }
    let servers = fields.node("servers").map { names($0, "servers") }
    let tools = fields.node("tools").map { names($0, "tools") }
    let methods = fields.node("methods").map(methods)
    fields.reportEmpty()
    fields.reportUnknown(as: .error)
    guard servers != .some(nil), tools != .some(nil), methods != .some(nil) else { return nil }
    return checked(
      HookBinding(
        servers: servers ?? nil, targets: tools ?? nil,
        methods: (methods ?? nil) ?? HookBinding.toolMethods), at: fields)
  }

  /// A name where a list is awaited is a list of one.
  private func nodes(_ node: YAMLNode, _ what: String) -> [YAMLNode]? {
    if case .scalar = node.kind, !node.isNull { return [node] }
    guard let list = reader.list(node, what) else { return nil }
    guard list.isEmpty else { return list }
    reader.report(
      at: node, "\(what) is empty, so this hook would never run", hint: "leave it out to mean all")
    return nil
  }

  private func names(_ node: YAMLNode, _ what: String) -> [NamePattern]? {
    guard let nodes = nodes(node, what) else { return nil }
    let patterns = nodes.map { node -> NamePattern? in
      guard let text = reader.string(node, "an entry of \(what)") else { return nil }
      if text.isEmpty { reader.report(at: node, "an entry of \(what) is empty") }
      return text.isEmpty ? nil : NamePattern(text)
    }
    return patterns.contains(nil) ? nil : patterns.compactMap(\.self)
  }

  private func methods(_ node: YAMLNode) -> Set<Call.Method>? {
    guard let nodes = nodes(node, "methods") else { return nil }
    let methods = nodes.map { node -> Call.Method? in
      guard let text = reader.string(node, "an entry of methods") else { return nil }
      let method = Call.Method(rawValue: text)
      if method == nil {
        let all = Call.Method.allCases.map(\.rawValue)
        reader.report(
          at: node, "\(text.forMessage) is no method that reaches a server",
          hint: NameSuggestion.hint(for: text, among: all)
            ?? "one of \(all.joined(separator: ", "))")
      }
      return method
    }
    guard !methods.contains(nil) else { return nil }
    let written = Set(methods.compactMap(\.self))
    // A tool call may be answered with a task, whose result comes by another method: whoever binds
    // a hook to tool calls means that result, too.
    return written.contains(.callTool) ? written.union(HookBinding.toolMethods) : written
  }

  /// `tools` says nothing of a prompt or a resource; whoever wrote both meant something else.
  private func checked(_ binding: HookBinding, at fields: YAMLFields) -> HookBinding? {
    guard binding.targets != nil, let node = fields.node("tools"),
      let other = binding.methods.filter({ !$0.isAboutTool }).map(\.rawValue).min()
    else { return binding }
    reader.report(
      at: node, "tools says nothing of \(other), which is among the methods",
      hint: "make a hook of its own for the methods that are not about tools")
    return nil
  }
}
