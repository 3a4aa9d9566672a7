import Wire

/// What was meant to be a ``StatelessRequest``.
public struct FlawedRequest: Sendable {
  let method: String
  let params: JSONText?
  let error: RPCError
}

/// One request of the stateless era and all that is known of who asks: whatever it needs, it brings.
public struct StatelessRequest: Sendable {
  /// What a client is told that asks for what the stateless era has no more.
  private static let removed: Set<String> = [
    "initialize", "ping", "logging/setLevel", "resources/subscribe", "resources/unsubscribe",
    "tasks/list", "tasks/result",
  ]

  let id: RequestID
  let method: String
  /// Without the members of `_meta` that belong to the client's hop.
  let params: JSONText
  let envelope: RequestEnvelope
  let logLevel: LogLevel?
  /// Nil over stdio, which has no headers.
  let headers: MirroredHeaders?
  /// What the credential that came with it grants.
  var scopes: Set<String> = []

  /// Checks everything that needs no knowledge of servers, in the order in which the official SDKs
  /// do: envelope, headers, version, method.
  init(
    id: RequestID, method: String, params: JSONText?, headers: MirroredHeaders?
  ) throws(RPCError) {
    let envelope = try RequestEnvelope(params)
    try headers?.check(envelope, method, params)
    guard StatelessVersion(rawValue: envelope.version) != nil else {
      throw .unsupportedVersion(envelope.version)
    }
    guard !Self.removed.contains(method) else { throw .methodNotFound(method) }
    self.id = id
    self.method = method
    self.params = RequestEnvelope.removed(from: params ?? .emptyObject)
    self.envelope = envelope
    self.headers = headers
    logLevel = try envelope.logLevel.map { text throws(RPCError) in
      guard let level = text.string.flatMap(LogLevel.init(rawValue:)) else {
        throw .invalidParams("params._meta: the log level is unknown")
      }
      return level
    }
  }

  /// What the client calls itself.
  var clientName: String {
    PrintableText(envelope.clientInfo?["name"]?.string ?? "unnamed", limit: 80).description
  }
  var clientVersion: String {
    PrintableText(envelope.clientInfo?["version"]?.string ?? "", limit: 80).description
  }

  /// What the client hears of an event of the call; nil where it did not ask for it, or too much
  /// comes.
  func notification(of event: ServerEvent, _ notices: CallNotices) -> Message? {
    switch event {
    case .progress(let params):
      return notices.progress(params, now: .now).map {
        .notification(method: "notifications/progress", params: $0)
      }
    case .log(let params):
      let level = params["level"]?.string.flatMap(LogLevel.init(rawValue:))
      guard let level, let logLevel, level >= logLevel, notices.admitsLog(now: .now) else {
        return nil
      }
      return .notification(method: "notifications/message", params: params)
    // Clients of this era learn what became of a URL when they ask again.
    case .elicitationComplete: return nil
    }
  }
}
