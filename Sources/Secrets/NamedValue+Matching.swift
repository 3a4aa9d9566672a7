extension NamedValue {
  /// How far behind its name a value may begin.
  static let reach = 96
  /// Strings of a message between name and value: `{"name": NAME, "value": VALUE}` has two ends.
  private static let crossings = 3

  func match(in layer: Layer, anchor: Range<Int>) -> Range<Int>? {
    let bytes = layer.bytes
    guard
      Boundary.opens(layer, at: anchor.lowerBound, with: nil) || isHump(bytes, anchor.lowerBound)
    else { return nil }
    let limit = min(bytes.count, anchor.upperBound + Self.reach)
    var at = anchor.upperBound
    var strings = 0
    while at < limit, strings <= Self.crossings {
      if bytes[at] == Layer.separator { strings += 1 }
      if let end = valueEnd(in: layer, at: at, behind: anchor.upperBound) { return at..<end }
      at += 1
    }
    return nil
  }

  /// Whether a word of a `camelCase` name begins at `at`.
  private func isHump(_ bytes: [UInt8], _ at: Int) -> Bool {
    at > 0 && (0x61...0x7A).contains(bytes[at - 1]) && (0x41...0x5A).contains(bytes[at])
  }

  private func valueEnd(in layer: Layer, at start: Int, behind name: Int) -> Int? {
    let bytes = layer.bytes
    guard start > name, isLink(bytes[start - 1]),
      Boundary.opens(layer, at: start, with: value.first)
    else { return nil }
    var end = start
    for piece in value {
      guard let next = piece.end(in: bytes, from: end) else { return nil }
      end = next
    }
    let found = bytes[start..<end]
    guard Boundary.closes(layer, at: end, with: value.last), namesCredential(bytes[name..<start]),
      check.accepts(found, body: found), !Placeholder.isDummy(found)
    else { return nil }
    return end
  }

  /// What stands between a name and its value.
  private func isLink(_ byte: UInt8) -> Bool {
    switch byte {
    case Layer.separator, UInt8(ascii: "="), UInt8(ascii: ":"), UInt8(ascii: ">"),
      UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "`"), UInt8(ascii: " "),
      UInt8(ascii: "\t"), UInt8(ascii: "|"), UInt8(ascii: "("), UInt8(ascii: ","):
      true
    default: false
    }
  }

  private func namesCredential(_ between: ArraySlice<UInt8>) -> Bool {
    let lower = between.lowercased
    return words.isEmpty || words.contains { lower.contains($0) }
  }
}
