/// Untrusted text made safe for a terminal, a log line or an error message.
///
/// A server or client that controls a name or a line of stderr could otherwise move the cursor,
/// retitle the terminal, forge log lines, or reorder what a person reads (CVE-2021-42574).
public struct PrintableText: Sendable, Hashable, CustomStringConvertible {
  /// Which part is kept of a text that is too long.
  public enum Part: Sendable, Hashable { case start, end }

  /// One line without anything that a terminal would obey.
  public let description: String

  /// At most about `limit` characters: a longer text is cut and marked with `…`.
  public init(_ untrusted: String, limit: Int = 200, keeping part: Part = .start) {
    let limit = max(0, limit)
    if untrusted.utf8.count <= limit, Self.isPlain(untrusted) {
      description = untrusted
      return
    }
    let scalars = untrusted.unicodeScalars
    // A scalar becomes one character or more, so this many are enough, however long the text is.
    let kept = part == .start ? Array(scalars.prefix(limit + 1)) : Array(scalars.suffix(limit + 1))
    var room = limit
    var pieces: [String] = []
    for scalar in part == .start ? kept : kept.reversed() {
      let piece = Self.isSafe(scalar) ? String(scalar) : Self.escape(scalar)
      room -= piece.unicodeScalars.count
      pieces.append(room < 0 ? "…" : piece)
      if room < 0 { break }
    }
    description = (part == .start ? pieces : pieces.reversed()).joined()
  }

  public init(_ untrusted: some StringProtocol, limit: Int = 200, keeping part: Part = .start) {
    self.init(String(untrusted), limit: limit, keeping: part)
  }

  /// Bytes that should be UTF-8; what is not becomes U+FFFD.
  public init(_ untrusted: some Collection<UInt8>, limit: Int = 200, keeping part: Part = .start) {
    // A scalar takes at most four bytes.
    let most = 4 * (max(0, limit) + 1)
    let kept = part == .start ? Array(untrusted.prefix(most)) : Array(untrusted.suffix(most))
    self.init(String(decoding: kept, as: UTF8.self), limit: limit, keeping: part)
  }

  private static func isPlain(_ text: String) -> Bool {
    var text = text
    return text.withUTF8 { utf8 in
      for index in 0..<utf8.count where !(0x20...0x7E).contains(unsafe utf8[index]) { return false }
      return true
    }
  }

  private static func isSafe(_ scalar: Unicode.Scalar) -> Bool {
    if (0x20...0x7E).contains(scalar.value) { return true }
    // Variation selectors show nothing and can carry any hidden text.
    if (0xE0100...0xE01EF).contains(scalar.value) { return false }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate,
      .unassigned:
      return false
    default: return true
    }
  }

  private static func escape(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\n": "\\n"
    case "\r": "\\r"
    case "\t": "\\t"
    default: "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
    }
  }
}
