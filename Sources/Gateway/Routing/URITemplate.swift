/// Whether a URI can come from a template (RFC 6570), to find the server that owns it.
///
/// A simple expression stands for a run without `/`, `?` and `#`; one with an operator for anything.
/// Matching takes at most (length of URI) x (parts of template) steps.
struct URITemplate: Sendable, Hashable {
  private enum Part: Sendable, Hashable {
    case literal([UInt8])
    case segment
    case anything
  }

  private static let mostParts = 64
  private static let longestURI = 8_192
  private let parts: [Part]

  /// Nil for a template that cannot be read: unbalanced braces, nothing but expressions that match
  /// everything, or too many parts.
  init?(_ template: String) {
    var parts: [Part] = []
    var rest = Array(template.utf8)[...]
    while let open = rest.firstIndex(of: UInt8(ascii: "{")) {
      guard let close = rest[open...].firstIndex(of: UInt8(ascii: "}")), close > open + 1 else {
        return nil
      }
      if open > rest.startIndex { parts.append(.literal(Array(rest[..<open]))) }
      let isPlain = !"+#./;?&".utf8.contains(rest[open + 1])
      parts.append(isPlain && rest[close - 1] != UInt8(ascii: "*") ? .segment : .anything)
      rest = rest[(close + 1)...]
    }
    guard !rest.contains(UInt8(ascii: "}")) else { return nil }
    if !rest.isEmpty { parts.append(.literal(Array(rest))) }
    // Without a literal beginning the template would claim every server's URIs.
    guard parts.count <= Self.mostParts, case .literal = parts.first else { return nil }
    self.parts = parts
  }

  func matches(_ uri: String) -> Bool {
    let bytes = Array(uri.utf8)
    guard bytes.count <= Self.longestURI else { return false }
    // The positions that the parts read so far can end at.
    var ends: Set<Int> = [0]
    for part in parts {
      switch part {
      case .literal(let literal):
        ends = Set(
          ends.lazy.filter { bytes[$0...].starts(with: literal) }.map { $0 + literal.count })
      case .segment, .anything:
        guard let first = ends.min() else { return false }
        var reached: Set<Int> = []
        var isOpen = false
        for at in first...bytes.count {
          isOpen = isOpen || ends.contains(at)
          if isOpen { reached.insert(at) }
          if part == .segment, at < bytes.count, Self.endsSegment(bytes[at]) { isOpen = false }
        }
        ends = reached
      }
      if ends.isEmpty { return false }
    }
    return ends.contains(bytes.count)
  }

  private static func endsSegment(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "/") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#")
  }
}
