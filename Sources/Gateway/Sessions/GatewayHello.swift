import Wire

/// What the gateway says of itself in answer to `initialize`. Only what is carried is announced.
enum GatewayHello {
  /// The same in both eras.
  static func capabilities(_ offersSubscriptions: Bool) -> JSONText {
    let resources =
      offersSubscriptions ? listChanged.setting("subscribe", to: JSONText(true)) : listChanged
    return JSONText(object: [
      ("tools", listChanged), ("prompts", listChanged), ("resources", resources),
      ("completions", .emptyObject), ("logging", .emptyObject),
    ])
  }
  private static let listChanged = JSONText(object: [("listChanged", JSONText(true))])

  static func result(_ version: ProtocolVersion, _ offersSubscriptions: Bool) -> JSONText {
    JSONText(object: [
      ("protocolVersion", JSONText(string: version.rawValue)),
      ("capabilities", capabilities(offersSubscriptions)),
      ("serverInfo", serverInfo),
    ])
  }

  static let serverInfo = JSONText(object: [
    ("name", JSONText(string: "mcp-gateway")), ("version", JSONText(string: Version.current)),
  ])
}
