import Wire

/// What a session's client wants to hear of, without task or connection: a resource may be known to
/// it under several URIs, and is subscribed to once at its server.
struct Subscriptions: Sendable {
  /// URIs of one session.
  static let most = 100

  private var routes: [String: Directory.Route] = [:]
  private var pauses: [String: RelistPause] = [:]

  /// Whether it is the first for this resource, so that the server must be told.
  mutating func add(_ uri: String, _ route: Directory.Route) throws(Refusal) -> Bool {
    guard routes[uri] == nil else { return false }
    guard routes.count < Self.most else {
      throw Refusal(
        .overLimit, rule: "subscriptions",
        message: "no more than \(Self.most) resources can be subscribed to")
    }
    let isFirst = !routes.values.contains(route)
    routes[uri] = route
    return isFirst
  }

  /// Where it led, and whether it was the last for this resource; nil if there was none.
  mutating func remove(_ uri: String) -> (route: Directory.Route, isLast: Bool)? {
    guard let route = routes.removeValue(forKey: uri) else { return nil }
    return (route, !routes.values.contains(route))
  }

  func has(_ server: String) -> Bool { routes.values.contains { $0.server == server } }

  /// The server's own URIs that are subscribed to.
  func uris(of server: String) -> [String] {
    Set(routes.values.filter { $0.server == server }.map(\.name)).sorted()
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
