import Wire

extension JSONText {
  /// Members of `_meta` by which a request of 2026-07-28 speaks of its own hop: they are no server's
  /// affair on the next one (MCP 2026-07-28, Requests).
  private static let hopMetadata = [
    "protocolVersion", "clientCapabilities", "clientInfo", "logLevel",
  ]
  .map { "io.modelcontextprotocol/" + $0 }

  /// Params without what a client says of its own connection. All else passes.
  var withoutHopMetadata: JSONText {
    guard let meta = self["_meta"], meta.kind == .object else { return self }
    let names = Self.hopMetadata.filter { meta[$0] != nil }
    guard !names.isEmpty else { return self }
    return setting("_meta", to: names.reduce(meta) { $0.setting($1, to: nil) })
  }
}
