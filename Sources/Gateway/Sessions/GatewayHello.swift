import Wire

/// What the gateway says of itself in answer to `initialize`. Only what is carried is announced.
enum GatewayHello {
  private static let capabilities = JSONText(object: [
    ("tools", listChanged), ("prompts", listChanged), ("resources", listChanged),
    ("completions", .emptyObject), ("logging", .emptyObject),
  ])
  private static let listChanged = JSONText(object: [("listChanged", JSONText(true))])

  static func result(_ version: ProtocolVersion) -> JSONText {
    JSONText(object: [
      ("protocolVersion", JSONText(string: version.rawValue)),
      ("capabilities", capabilities),
      (
        "serverInfo",
        JSONText(object: [
          ("name", JSONText(string: "mcp-gateway")), ("version", JSONText(string: Version.current)),
        ])
      ),
    ])
  }
}
