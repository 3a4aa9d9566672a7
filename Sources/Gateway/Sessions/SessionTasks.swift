import Wire

/// The tasks (MCP 2025-11-25, experimental) of one session, without clock or connection: the client
/// knows them by ids of ours, which nobody can guess and which mean nothing in another session.
struct SessionTasks: Sendable {
  /// At the same time.
  static let most = 100
  /// A task without an end of its own is forgotten after this time.
  static let longest = Duration.seconds(24 * 60 * 60)

  struct Entry: Sendable, Hashable {
    let server: String
    /// The tool that works on it, by its server's own name.
    let tool: String
    /// What the server calls it.
    let own: String
    fileprivate let expires: ContinuousClock.Instant
  }
  private var entries: [String: Entry] = [:]

  /// All, in a stable order.
  var all: [String] { entries.keys.sorted() }

  /// Whether another may be begun.
  mutating func hasRoom(now: ContinuousClock.Instant) -> Bool {
    entries = entries.filter { $0.value.expires > now }
    return entries.count < Self.most
  }

  func find(_ id: String) -> Entry? { entries[id] }

  /// Our id of a server's task.
  func id(of own: String, _ server: String) -> String? {
    entries.first { $0.value.own == own && $0.value.server == server }?.key
  }

  /// A server has begun a task; our id for it.
  mutating func add(
    _ own: String, _ ttl: Duration?, of tool: String, _ server: String,
    now: ContinuousClock.Instant
  ) -> String {
    let id = RandomID.make()
    let life = min(ttl ?? Self.longest, Self.longest)
    entries[id] = Entry(server: server, tool: tool, own: own, expires: now + life)
    return id
  }

  mutating func forget(_ id: String) { entries[id] = nil }

  /// The instance that worked on them is gone.
  mutating func forgetAll(of server: String) {
    entries = entries.filter { $0.value.server != server }
  }
}

/// What MCP calls the members that tell about tasks.
enum TaskWords {
  static let related = "io.modelcontextprotocol/related-task"

  /// `object` with our id wherever it speaks of a server's task: as the task itself, and as the one
  /// it is related to. An id that we do not know goes.
  static func renamed(_ object: JSONText, _ id: (_ own: String) -> String?) -> JSONText {
    var renamed = object
    if let own = object["taskId"]?.string {
      renamed = renamed.setting("taskId", to: id(own).map(JSONText.init(string:)))
    }
    guard let related = object["_meta"]?[Self.related] else { return renamed }
    let ours = related["taskId"]?.string.flatMap(id).map(JSONText.init(string:))
    let value = ours.map { related.setting("taskId", to: $0) }
    return renamed.setting(["_meta", Self.related], to: value) ?? renamed
  }
}
