extension JSONText {
  /// This text with values in it replaced. `parts` were taken out of this text; one that lies inside
  /// of another goes with it. All other bytes stay as they are.
  public func replacing(_ parts: [(part: JSONText, replacement: JSONText)]) -> JSONText {
    var written: [UInt8] = []
    var at = range.lowerBound
    // An outer value begins before those in it, or with the first of them and ends later.
    let ordered = parts.sorted {
      ($0.part.range.lowerBound, -$0.part.range.upperBound)
        < ($1.part.range.lowerBound, -$1.part.range.upperBound)
    }
    for (part, replacement) in ordered where part.range.lowerBound >= at {
      written += storage[at..<part.range.lowerBound]
      written += replacement.bytes
      at = part.range.upperBound
    }
    written += storage[at..<range.upperBound]
    return JSONText(trusted: written, 0..<written.count)
  }

  /// This text with the strings of these numbers, counted as in ``strings``, replaced.
  public func replacingStrings(_ replacements: [Int: JSONText]) -> JSONText {
    let parts = strings.enumerated().compactMap { number, string in
      replacements[number].map { (JSONText(trusted: storage, string.quoted), $0) }
    }
    return replacing(parts)
  }
}
