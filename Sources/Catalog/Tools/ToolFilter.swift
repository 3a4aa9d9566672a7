/// Which tools of which servers are offered and may be called.
public struct ToolFilter: Sendable, Hashable {
  private enum Rule: Sendable, Hashable {
    /// Lower-case entries of `--tools`.
    case entries(Set<String>)
    /// From tools.yaml; a server that is not listed has all its tools.
    case lists([String: Set<String>])
  }

  private let rule: Rule
  private let written: [String]

  /// Every tool of every server.
  public static let everything = ToolFilter(lists: [:])

  /// The `--tools` filter. An entry is `*`, `tool`, `server:tool` or `server:*`, where an image
  /// reference may stand for the server; case does not matter.
  public init(entries: [String]) {
    written = entries.map { $0.trimmed }.filter { !$0.isEmpty }
    rule = .entries(Set(written.map { $0.lowercased() }))
  }

  /// The allow-lists of tools.yaml by server name. Names are compared exactly.
  public init(lists: [String: [String]]) {
    rule = .lists(lists.mapValues { Set($0) })
    written = lists.flatMap { server, tools in tools.map { "\(server):\($0)" } }.sorted()
  }

  /// Asked when tools are listed and again at each call. `image` is nil for remote servers.
  public func allows(server: String, image: String?, tool: String) -> Bool {
    switch rule {
    case .lists(let lists): return lists[server]?.contains(tool) ?? true
    case .entries(let entries):
      return !Self.spellings(server: server, image: image, tool: tool).isDisjoint(with: entries)
    }
  }

  /// All entries that would enable a tool. A tool that a server names `other:tool` has no bare
  /// spelling: it would pass for another server's tool.
  private static func spellings(server: String, image: String?, tool: String) -> Set<String> {
    let owners = [server, image].compactMap { $0?.lowercased() }
    let tool = tool.lowercased()
    let bare = tool.contains(":") ? ["*"] : ["*", tool]
    return Set(bare + owners.flatMap { ["\($0):*", "\($0):\(tool)"] })
  }

  /// A tool that a server has.
  public struct KnownTool: Sendable, Hashable {
    public var server: String
    public var image: String?
    public var tool: String

    public init(server: String, image: String?, tool: String) {
      self.server = server
      self.image = image
      self.tool = tool
    }
  }

  /// The entries, as written (tools.yaml: as `server:tool`), that enable none of `known`: most
  /// likely misspelt.
  public func unmatchedEntries(among known: [KnownTool]) -> [String] {
    switch rule {
    case .entries:
      let spelt = known.reduce(into: Set<String>()) {
        $0.formUnion(Self.spellings(server: $1.server, image: $1.image, tool: $1.tool))
      }
      return written.filter { !spelt.contains($0.lowercased()) }
    case .lists:
      let names = Set(known.map { "\($0.server):\($0.tool)" })
      return written.filter { !names.contains($0) }
    }
  }
}
