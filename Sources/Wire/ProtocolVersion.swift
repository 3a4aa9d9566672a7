/// The revisions of MCP with an `initialize` handshake, oldest first. Revisions are opaque words:
/// their order is the order here, never that of the strings.
public enum ProtocolVersion: String, Sendable, Hashable, CaseIterable {
  case v2024_11_05 = "2024-11-05"
  case v2025_03_26 = "2025-03-26"
  case v2025_06_18 = "2025-06-18"
  case v2025_11_25 = "2025-11-25"

  public static let newestHandshake = ProtocolVersion.v2025_11_25

  /// What a server answers to a client that asks for `requested`: the same where it is served, else
  /// the newest (MCP, Lifecycle, Version Negotiation).
  public static func negotiate(_ requested: String) -> ProtocolVersion {
    ProtocolVersion(rawValue: requested) ?? .newestHandshake
  }
}
