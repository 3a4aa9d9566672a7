/// What traces and metrics have in common.
extension OTLPMessage {
  static func attribute(_ name: String, _ value: String) -> OTLPMessage {
    OTLPMessage([
      (1, "key", .string(name)),
      (2, "value", .message(OTLPMessage([(1, "stringValue", .string(value))]))),
    ])
  }

  static func attributes(_ pairs: [(String, String?)]) -> Value {
    .messages(pairs.compactMap { name, value in value.map { attribute(name, $0) } })
  }

  /// Who made it.
  static func scope(version: String) -> OTLPMessage {
    OTLPMessage([(1, "name", .string("mcp-gateway")), (2, "version", .string(version))])
  }

  static func resource(_ attributes: [(String, String)]) -> OTLPMessage {
    OTLPMessage([(1, "attributes", .messages(attributes.map { attribute($0.0, $0.1) }))])
  }
}
