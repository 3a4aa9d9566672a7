/// What an `Accept` header admits (RFC 9110 section 12.5.1).
struct MediaRanges {
  private struct Range {
    let type: String
    let subtype: String
    let isAcceptable: Bool
  }

  private let ranges: [Range]

  /// All `Accept` lines of a request.
  init(_ lines: [String]) {
    ranges = lines.flatMap { $0.split(separator: ",") }.compactMap(Self.range)
  }

  /// Whether `type/subtype` is listed, by itself or by a wildcard; the most specific entry counts.
  func admits(_ type: String, _ subtype: String) -> Bool {
    let candidates = [(type, subtype), (type, "*"), ("*", "*")]
    for (type, subtype) in candidates {
      let matching = ranges.filter { $0.type == type && $0.subtype == subtype }
      if !matching.isEmpty { return matching.contains(where: \.isAcceptable) }
    }
    return false
  }

  private static func range(_ text: Substring) -> Range? {
    let parts = text.split(separator: ";", omittingEmptySubsequences: false).map(trimmed)
    let names = parts[0].lowercased().split(separator: "/", omittingEmptySubsequences: false)
    guard names.count == 2 else { return nil }
    let isRefused = parts.dropFirst().contains(where: isZeroQuality)
    return Range(type: String(names[0]), subtype: String(names[1]), isAcceptable: !isRefused)
  }

  /// `q=0`, `q=0.`, `q=0.000`.
  private static func isZeroQuality(_ parameter: Substring) -> Bool {
    let halves = parameter.split(separator: "=", maxSplits: 1).map(trimmed)
    guard halves.count == 2, halves[0].lowercased() == "q", halves[1].first == "0" else {
      return false
    }
    return halves[1].allSatisfy { $0 == "0" || $0 == "." }
  }

  /// Whether a `Content-Type` is JSON, whatever its parameters.
  static func isJSON(contentType: [String]) -> Bool {
    guard contentType.count == 1, let type = contentType[0].split(separator: ";").first else {
      return false
    }
    return trimmed(type).lowercased() == "application/json"
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text
    while let last = text.last, last == " " || last == "\t" { text.removeLast() }
    return text.drop { $0 == " " || $0 == "\t" }
  }
}
