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

  init(_ loaded: LoadedConfiguration, described: [ResolvedServer], _ settings: Settings) {
    servers = (loaded.enabled + described).sorted { $0.name < $1.name }.map {
      PlannedServer($0, isStatic: settings.isStatic, allLongLived: settings.longLived)
    }
    unusable = loaded.unusable
    toolFilter = loaded.toolFilter
    images = Array(Set(servers.flatMap(\.images))).sorted()
    problems = loaded.problems.inReadingOrder
    watchedFiles = loaded.watchedFiles
  }

  /// Whether a tool is enabled, by the server's own name of it.
  func isEnabled(_ server: String, _ tool: String) -> Bool {
    let image = servers.first { $0.name == server }?.images.first
    return toolFilter.allows(server: server, image: image, tool: tool)
  }
}
