import Catalog
import Wire

/// All that a run will do, decided before anything is started. `--dry-run` prints it; running uses
/// the same value.
struct Plan: Sendable {
  /// Sorted by name.
  let servers: [PlannedServer]
  /// Enabled servers that cannot run as they are described.
  let unusable: [UnusableServer]
  let toolFilter: ToolFilter
  /// Sorted, without repetition.
  let images: [String]
  /// An error among them means that nothing may start.
  let problems: [Problem]
  let watchedFiles: [String]

  init(_ loaded: LoadedConfiguration, _ settings: Settings, alsoUnusable: [UnusableServer] = []) {
    servers = loaded.enabled.map {
      PlannedServer($0, isStatic: settings.isStatic, allLongLived: settings.longLived)
    }
    unusable = loaded.unusable + alsoUnusable
    toolFilter = loaded.toolFilter
    images = Array(Set(servers.flatMap(\.images))).sorted()
    problems = loaded.problems.inReadingOrder
    watchedFiles = loaded.watchedFiles
  }

  /// Whether a tool is enabled, by the server's own name of it.
  var isToolEnabled: @Sendable (_ server: String, _ tool: String) -> Bool {
    let images = Dictionary(
      uniqueKeysWithValues: servers.map { ($0.name, $0.images.first) })
    return { [toolFilter] server, tool in
      toolFilter.allows(server: server, image: images[server] ?? nil, tool: tool)
    }
  }
}
