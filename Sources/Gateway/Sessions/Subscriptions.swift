import Wire

/// What a session's client wants to hear of, without task or connection: a resource may be known to
/// it under several URIs, and is subscribed to once at its server.
struct Subscriptions: Sendable {
  /// URIs of one session.
  static let most = 100

  private var routes: [String: Directory.Route] = [:]
  /// Those of which a server has been told, which means that they passed the pipeline.
  private var held: Set<Directory.Route> = []
  private var pauses: [String: RelistPause] = [:]

  /// Whether the server has to be told; ``hold(_:)`` follows when it has been.
  mutating func add(_ uri: String, _ route: Directory.Route) throws(Refusal) -> Bool {
    guard routes[uri] == nil else { return false }
    guard routes.count < Self.most else {
      throw Refusal(
        .overLimit, rule: "subscriptions",
        message: "no more than \(Self.most) resources can be subscribed to")
    }
    routes[uri] = route
    return !held.contains(route)
  }

  /// The server has been told, and has not refused.
  mutating func hold(_ route: Directory.Route) {
    if routes.values.contains(route) { held.insert(route) }
  }

  /// Where it led, and whether it was the last for this resource; nil if there was none.
  mutating func remove(_ uri: String) -> (route: Directory.Route, isLast: Bool)? {
    guard let route = routes.removeValue(forKey: uri) else { return nil }
    let isLast = !routes.values.contains(route)
    if isLast { held.remove(route) }
    return (route, isLast)
  }

  func has(_ server: String) -> Bool { routes.values.contains { $0.server == server } }

  /// The server's own URIs that it has been told of.
  func uris(of server: String) -> [String] {
    held.filter { $0.server == server }.map(\.name).sorted()
  }

  /// The URIs under which the client hears of an update of `own`: those it subscribed to. A part of
  /// a resource that it subscribed to keeps its own URI (MCP, Resources, Subscriptions).
  func audience(of own: String, _ server: String) -> [String] {
    let exact = routes.filter { $0.value == Directory.Route(server: server, name: own) }.keys
      .sorted()
    guard exact.isEmpty else { return exact }
    let isPart = routes.values.contains { route in
      route.server == server && Self.isPart(own, of: route.name)
    }
    return isPart ? [own] : []
  }

  private static func isPart(_ uri: String, of whole: String) -> Bool {
    uri.hasPrefix(whole)
      && (whole.hasSuffix("/") || ["/", "#", "?"].contains(uri.dropFirst(whole.count).first))
  }

  mutating func pauseBeforeRestart(
    _ server: String, now: ContinuousClock.Instant
  ) -> Duration {
    pauses[server, default: RelistPause()].take(now: now)
  }
}
