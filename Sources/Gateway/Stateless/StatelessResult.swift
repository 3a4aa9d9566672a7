import Wire

/// What every result of the stateless era carries, whoever made it.
enum StatelessResult {
  private static let serverInfo = "io.modelcontextprotocol/serverInfo"
  private static let complete = JSONText(string: "complete")

  /// A final result. The server behind us is not named: clients see the gateway.
  static func complete(_ result: JSONText) -> JSONText { marked(result, complete) }

  /// Not the end: the client is to ask again and bring what is asked of it.
  static func inputRequired(
    _ questions: [(key: String, ask: ServerAsk)], _ requestState: String
  ) -> JSONText {
    let requests = questions.map { question in
      (
        question.key,
        JSONText(object: [
          ("method", JSONText(string: question.ask.method.rawValue)),
          ("params", question.ask.params),
        ])
      )
    }
    let result = JSONText(object: [
      ("inputRequests", JSONText(object: requests)),
      ("requestState", JSONText(string: requestState)),
    ])
    return marked(result, JSONText(string: "input_required"))
  }

  private static func marked(_ result: JSONText, _ type: JSONText) -> JSONText {
    let named = result.setting(["_meta", serverInfo], to: GatewayHello.serverInfo)
    // `_meta` that is no object says nothing.
    return
      (named
      ?? result.setting("_meta", to: JSONText(object: [(serverInfo, GatewayHello.serverInfo)])))
      .setting("resultType", to: type)
  }

  /// A server's result without what belongs to its hop.
  static func stripped(_ result: JSONText) -> JSONText {
    let bare = result.setting("resultType", to: nil)
    guard let meta = bare["_meta"], meta[serverInfo] != nil else { return bare }
    let rest = meta.setting(serverInfo, to: nil)
    return bare.setting("_meta", to: rest == .emptyObject ? nil : rest)
  }

  /// The same for a client of the handshake era, which knows structured content as objects alone. The
  /// text beside it says the same.
  static func forHandshake(_ result: JSONText) -> JSONText {
    let bare = result.setting("ttlMs", to: nil).setting("cacheScope", to: nil)
    guard let content = bare["structuredContent"], content.kind != .object else { return bare }
    return bare.setting("structuredContent", to: nil)
  }

  /// A list of ours: other callers may see another one, and it may change at any moment, of which
  /// those who listen are told.
  static func list(_ result: JSONText) -> JSONText {
    complete(result.setting("ttlMs", to: JSONText(0)).setting("cacheScope", to: privateScope))
  }

  /// Contents of a resource. The server's word on freshness is kept where it is a number; who may
  /// share them is for us to say, since policy differs by caller.
  static func contents(_ result: JSONText) -> JSONText {
    let given = result["ttlMs"]?.int ?? 0
    return complete(
      result.setting("ttlMs", to: JSONText(max(0, given))).setting("cacheScope", to: privateScope))
  }

  private static let privateScope = JSONText(string: "private")

  /// The answer to `server/discover`.
  static func discovery(_ offersSubscriptions: Bool) -> JSONText {
    complete(
      JSONText(object: [
        ("supportedVersions", versions),
        ("capabilities", GatewayHello.capabilities(offersSubscriptions)),
        ("ttlMs", JSONText(discoveryLifetime)), ("cacheScope", privateScope),
      ]))
  }
  private static let versions = JSONText(
    array: ProtocolRevision.all.map { JSONText(string: $0.text) })

  /// Milliseconds. The answer changes with the program and, rarely, with its servers.
  private static let discoveryLifetime = 60_000
}
