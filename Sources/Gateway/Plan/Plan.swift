import Catalog
import Interceptors
import Policy
import Wire

/// All that a run will do, decided before anything is started. `--dry-run` prints it; running uses
/// the same value.
struct Plan: Sendable, Equatable {
  /// Sorted by name.
  let servers: [PlannedServer]
  /// Enabled servers that cannot run as they are described.
  let unusable: [UnusableServer]
  let toolFilter: ToolFilter
  let policies: PolicySet
  /// In the order in which calls meet them.
  let hooks: [Hook]
  /// Sorted, without repetition.
  let images: [String]
  /// What decides whose images may run; nil: all may.
  let imageTrust: String?
  /// Whether an image that was only asked for its label was not trusted.
  let refusesImages: Bool
  /// An error among them means that nothing may start.
  private(set) var problems: [Problem]
  /// What was read, as it was then.
  private(set) var watchedFiles: [WatchedFile]
  /// Where its images are found, each once; nil without an engine.
  private(set) var imageStore: ImageStore?

  init(
    _ loaded: LoadedConfiguration, _ policies: LoadedPolicies, _ settings: Settings,
    _ imageStore: ImageStore?, trust: TrustState = .off, alsoUnusable: [UnusableServer] = [],
    refusesImages: Bool = false
  ) {
    imageTrust = trust.identity
    self.refusesImages = refusesImages
    self.imageStore = imageStore
    servers = loaded.enabled.map {
      PlannedServer($0, isStatic: settings.isStatic, allLongLived: settings.longLived)
    }
    unusable = loaded.unusable + alsoUnusable
    toolFilter = loaded.toolFilter
    self.policies = policies.set
    hooks = settings.interceptors + policies.hooks
    images = Array(Set(servers.flatMap(\.images) + hooks.compactMap(\.image))).sorted()
    let findings = policies.set.findings(servers: servers.map(\.name))
    problems = (loaded.problems + trust.problems + policies.problems + findings).inReadingOrder
    watchedFiles = loaded.watchedFiles + trust.watchedFiles + policies.watched
  }

  /// Whether running the other would make no difference. Everything counts but what has served its
  /// purpose once the files are read, so that what a plan is given later counts without being listed
  /// here.
  func isSame(as other: Plan) -> Bool {
    var other = other
    other.problems = problems
    other.watchedFiles = watchedFiles
    other.imageStore = imageStore
    return self == other
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
