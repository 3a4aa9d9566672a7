/// Where the operator's files are when nothing says otherwise.
///
/// Some MCP clients start their servers without `HOME`; the user's entry in the password database
/// and the place of the plugin (`HOME/.docker/cli-plugins/docker-mcp`) are asked then.
public struct HomeFolder: Sendable, Hashable {
  public let path: String

  /// Nil if none of the three names an absolute folder.
  public init?(variable: String?, passwordEntry: String?, program: String?) {
    let candidates = [variable, passwordEntry, program.flatMap(Self.aboveThePlugin)]
    guard let path = candidates.compactMap(\.self).first(where: { $0.hasPrefix("/") }) else {
      return nil
    }
    self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
  }

  private static func aboveThePlugin(_ program: String) -> String? {
    let parts = program.split(separator: "/")
    guard program.hasPrefix("/"), parts.suffix(3).dropLast() == [".docker", "cli-plugins"] else {
      return nil
    }
    return "/" + parts.dropLast(3).joined(separator: "/")
  }

  public var dockerFolder: String { under(".docker") }
  public var mcpFolder: String { under(".docker/mcp") }
  public var stateFolder: String { under(".local/state") }

  private func under(_ name: String) -> String { path == "/" ? "/\(name)" : "\(path)/\(name)" }
}
