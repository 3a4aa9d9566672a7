import Catalog
import Wire
import YAML

/// tools.yaml: which tools of a server are offered. A server that is not in it offers all.
public struct OfferedTools: Sendable {
  private let file: OperatorFile

  public init(mcpFolder: String) { file = OperatorFile("\(mcpFolder)/tools.yaml") }

  public var path: String { file.path }

  /// Nil: all tools.
  public func tools(of server: String) throws(Problem) -> [String]? {
    try decode(try file.read() ?? [])[server]
  }

  /// Returns the tools that were off before. A server without a list offers everything already.
  @discardableResult
  public func enable(_ tools: [String], of server: String) throws(Problem) -> [String] {
    var added: [String] = []
    try change(server) { list in
      guard let list else { return nil }
      added = tools.uniqued.filter { !list.contains($0) }
      return list + added
    }
    return added
  }

  /// Returns the tools that were on before. `all` are the server's tools, needed where it had no
  /// list yet.
  @discardableResult
  public func disable(
    _ tools: [String], of server: String, all: [String]
  ) throws(Problem) -> [String] {
    var removed: [String] = []
    try change(server) { list in
      let list = list ?? all.uniqued
      removed = tools.uniqued.filter(list.contains)
      return list.filter { !removed.contains($0) }
    }
    return removed
  }

  private func change(
    _ server: String, _ change: ([String]?) -> [String]?
  ) throws(Problem) {
    try file.edit { bytes throws(Problem) in
      var lists = try decode(bytes ?? [])
      let old = lists[server]
      guard let new = change(old), new != old else { return nil }
      lists[server] = new
      var edit = try YAMLMappingEdit(bytes ?? [], source: file.path, under: nil)
      try write(new, of: server, into: &edit)
      return try VerifiedEdit.result(edit.bytes, in: file.path) { result in
        (try? decode(result)) == lists
      }
    }
  }

  private func write(
    _ tools: [String], of server: String, into edit: inout YAMLMappingEdit
  ) throws(Problem) {
    let key = YAMLText.scalar(server)
    let entry =
      tools.isEmpty ? ["\(key): []"] : ["\(key):"] + tools.map { "  - \(YAMLText.scalar($0))" }
    if try edit.entry(server) == nil {
      try edit.insert(entry)
    } else {
      try edit.replace(server, with: entry)
    }
  }

  private func decode(_ bytes: [UInt8]) throws(Problem) -> [String: [String]] {
    let (tools, problems) = ToolsFile.decode(bytes, source: file.path)
    try VerifiedEdit.check(problems)
    return Dictionary(tools.lists.map { ($0.server, $0.tools) }) { $1 }
  }
}
