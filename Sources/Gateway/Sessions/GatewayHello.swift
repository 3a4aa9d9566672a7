import Wire

/// What the gateway says of itself in answer to `initialize`. Only what is carried is announced.
enum GatewayHello {
  private static func capabilities(_ version: ProtocolVersion, _ snapshot: Snapshot) -> JSONText {
    let resources =
      snapshot.offersSubscriptions
      ? listChanged.setting("subscribe", to: JSONText(true)) : listChanged
    var members = [
      ("tools", listChanged), ("prompts", listChanged), ("resources", resources),
      ("completions", .emptyObject), ("logging", .emptyObject),
    ]
    if version.knowsTasks, snapshot.offersTasks { members.append(("tasks", tasks)) }
    return JSONText(object: members)
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
