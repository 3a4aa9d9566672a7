import Wire

/// What the gateway says of itself in answer to `initialize`. Only what is carried is announced.
enum GatewayHello {
  /// Of both eras: what does not depend on the revision.
  static func capabilities(_ offersSubscriptions: Bool) -> JSONText {
    JSONText(object: members(offersSubscriptions))
  }

  private static func capabilities(_ version: ProtocolVersion, _ snapshot: Snapshot) -> JSONText {
    let tasks = version.knowsTasks && snapshot.offersTasks ? [("tasks", tasks)] : []
    return JSONText(object: members(snapshot.offersSubscriptions) + tasks)
  }

  private static func members(_ offersSubscriptions: Bool) -> [(String, JSONText)] {
    let resources =
      offersSubscriptions ? listChanged.setting("subscribe", to: JSONText(true)) : listChanged
    return [
      ("tools", listChanged), ("prompts", listChanged), ("resources", resources),
      ("completions", .emptyObject), ("logging", .emptyObject),
    ]
  }
  private static let tasks = JSONText(object: [
    ("list", .emptyObject), ("cancel", .emptyObject),
    ("requests", JSONText(object: [("tools", JSONText(object: [("call", .emptyObject)]))])),
  ])
  private static let listChanged = JSONText(object: [("listChanged", JSONText(true))])

  static func result(_ version: ProtocolVersion, _ snapshot: Snapshot) -> JSONText {
    JSONText(object: [
      ("protocolVersion", JSONText(string: version.rawValue)),
      ("capabilities", capabilities(version, snapshot)),
      ("serverInfo", serverInfo),
    ])
  }

  static let serverInfo = JSONText(object: [
    ("name", JSONText(string: "mcp-gateway")), ("version", JSONText(string: Version.current)),
  ])
}
