import Catalog
import Wire

/// registry.yaml: which servers are enabled.
public struct EnabledServers: Sendable {
  private let file: OperatorFile

  public init(mcpFolder: String) { file = OperatorFile("\(mcpFolder)/registry.yaml") }

  public var path: String { file.path }

  /// In the order of their names.
  public func names() throws(Problem) -> [String] {
    try decode(try file.read() ?? []).sorted()
  }

  /// Returns the names that were not enabled before.
  @discardableResult
  public func enable(_ names: [String]) throws(Problem) -> [String] {
    var added: [String] = []
    try edit { (edit, present) throws(Problem) in
      added = names.uniqued.filter { !present.contains($0) }
      for name in added { try edit.insert(["\(YAMLText.scalar(name)):", #"  ref: """#]) }
      return present.union(added)
    }
    return added
  }

  /// Returns the names that were enabled before.
  @discardableResult
  public func disable(_ names: [String]) throws(Problem) -> [String] {
    var removed: [String] = []
    try edit { (edit, present) throws(Problem) in
      removed = names.uniqued.filter(present.contains)
      for name in removed { try edit.remove(name) }
      return present.subtracting(removed)
    }
    return removed
  }

  /// Disables all. False if none was enabled.
  @discardableResult
  public func reset() throws(Problem) -> Bool {
    try file.edit { bytes in bytes == nil ? nil : Array("registry: {}\n".utf8) }
  }

  private func edit(
    _ change: (inout YAMLMappingEdit, Set<String>) throws(Problem) -> Set<String>
  ) throws(Problem) {
    try file.edit { bytes throws(Problem) in
      let present = Set(try decode(bytes ?? []))
      var edit = try YAMLMappingEdit(bytes ?? [], source: file.path, under: "registry")
      let wanted = try change(&edit, present)
      guard wanted != present else { return nil }
      return try VerifiedEdit.result(edit.bytes, in: file.path) { result in
        (try? decode(result)).map(Set.init) == wanted
      }
    }
  }

  private func decode(_ bytes: [UInt8]) throws(Problem) -> [String] {
    let (registry, problems) = RegistryFile.decode(bytes, source: file.path)
    try VerifiedEdit.check(problems)
    return registry.entries.map(\.server)
  }
}

extension [String] {
  /// Each once, in order.
  var uniqued: [String] {
    var seen: Set<String> = []
    return filter { seen.insert($0).inserted }
  }
}
