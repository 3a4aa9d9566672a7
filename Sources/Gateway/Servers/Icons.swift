import Wire

/// Pictures that servers give with what they offer. A client fetches and shows them, so a server must
/// not lead it anywhere but to what the protocol allows: `https:` and `data:` (MCP 2025-11-25, Icons).
enum Icons {
  /// Longer ones do not belong into a list.
  static let longestSource = 64 << 10

  /// An entry of a list without icons that clients should not touch; the same bytes where there are
  /// none.
  static func harmless(_ entry: JSONText) -> JSONText {
    guard let icons = entry["icons"], icons.kind == .array else { return entry }
    let all = icons.elements
    let kept = all.filter(isHarmless)
    guard kept.count < all.count else { return entry }
    return entry.setting("icons", to: kept.isEmpty ? nil : JSONText(array: kept))
  }

  private static func isHarmless(_ icon: JSONText) -> Bool {
    guard let source = icon["src"], source.count <= longestSource,
      let scheme = source.string?.prefix(8).lowercased()
    else { return false }
    return scheme.hasPrefix("https://") || scheme.hasPrefix("data:")
  }
}
