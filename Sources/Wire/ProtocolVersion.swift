/// The revisions of MCP with an `initialize` handshake, oldest first. Revisions are opaque words:
/// their order is the order here, never that of the strings.
public enum ProtocolVersion: String, Sendable, Hashable, CaseIterable {
  case november2024 = "2024-11-05"
  case march2025 = "2025-03-26"
  case june2025 = "2025-06-18"
  case november2025 = "2025-11-25"

  public static let newestHandshake = ProtocolVersion.november2025

  /// What a server answers to a client that asks for `requested`: the same where it is served, else
  /// the newest (MCP, Lifecycle, Version Negotiation).
  public static func negotiate(_ requested: String) -> ProtocolVersion {
    ProtocolVersion(rawValue: requested) ?? .newestHandshake
  }
}
