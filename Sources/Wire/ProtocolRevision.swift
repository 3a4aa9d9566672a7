/// The revisions of MCP in which every request stands alone: no `initialize`, no session, no request
/// from server to client. Oldest first.
public enum StatelessVersion: String, Sendable, Hashable, CaseIterable {
  case july2026 = "2026-07-28"

  public static let newest = StatelessVersion.july2026
}

/// How a conversation begins.
public enum ProtocolEra: Sendable, Hashable, CaseIterable {
  /// With `initialize`.
  case handshake
  /// Not at all: every request stands alone.
  case stateless

  public var other: ProtocolEra { self == .handshake ? .stateless : .handshake }
}

/// A published revision of MCP and the era that it belongs to. The two eras share methods and
/// payloads but not the way in which a conversation begins, so code that speaks one of them takes
/// the version type of that era.
public enum ProtocolRevision: Sendable, Hashable {
  /// A conversation begins with `initialize` (2024-11-05 to 2025-11-25).
  case handshake(ProtocolVersion)
  /// Every request carries version and capabilities itself (2026-07-28).
  case stateless(StatelessVersion)

  /// Nil for words that name no published revision.
  public init?(_ text: String) {
    if let version = StatelessVersion(rawValue: text) {
      self = .stateless(version)
    } else if let version = ProtocolVersion(rawValue: text) {
      self = .handshake(version)
    } else {
      return nil
    }
  }

  public var era: ProtocolEra {
    switch self {
    case .handshake: .handshake
    case .stateless: .stateless
    }
  }

  public var text: String {
    switch self {
    case .handshake(let version): version.rawValue
    case .stateless(let version): version.rawValue
    }
  }

  /// All revisions, newest first: what `server/discover` names.
  public static let all: [ProtocolRevision] =
    StatelessVersion.allCases.reversed().map(Self.stateless)
    + ProtocolVersion.allCases.reversed().map(Self.handshake)
}
