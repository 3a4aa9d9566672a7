/// Which kinds of bytes a text holds, found in one quick pass, so that ordinary text is read no
/// closer.
struct ByteMarks {
  let hasPercent: Bool
  let hasHighBit: Bool

  init(_ bytes: [UInt8]) {
    var percents: UInt8 = 0
    var union: UInt8 = 0
    for byte in bytes {
      percents |= byte == UInt8(ascii: "%") ? 1 : 0
      union |= byte
    }
    hasPercent = percents != 0
    hasHighBit = union >= 0x80
  }

  /// Whether escapes in `bytes` mean anything: in binary data, such as a decoded image, one byte
  /// in nine is a control character, in text hardly any.
  static func isText(_ bytes: ArraySlice<UInt8>) -> Bool {
    bytes.count { $0 < 9 || (14..<32).contains($0) } * 32 <= bytes.count
  }
}

/// Finds what hides characters from the matcher without being an encoding of the whole.
enum TextEscapes {
  /// Bytes with which a percent escape or an invisible character may begin.
  private static let mayBegin: [Bool] = (0..<256).map {
    [0x25, 0xC2, 0xCD, 0xD8, 0xE1, 0xE2, 0xEF, 0xF3].contains($0)
  }

  /// The next escape or invisible character.
  static func next(in bytes: [UInt8], from start: Int) -> Int? {
    let mayBegin = mayBegin.span
    let span = bytes.span
    var at = start
    while at < span.count {
      if mayBegin[Int(span[at])],
        Percent.isEscape(bytes[...], at: at) || Invisible.length(bytes[...], at: at) > 0
      {
        return at
      }
      at += 1
    }
    return nil
  }
}

/// Percent-encoding (RFC 3986 section 2.1).
enum Percent {
  static func isEscape(_ text: ArraySlice<UInt8>, at: Int) -> Bool {
    text[at] == UInt8(ascii: "%") && at + 2 < text.endIndex
      && CharacterClass.hex.contains(text[at + 1]) && CharacterClass.hex.contains(text[at + 2])
  }

  static func isEncoded(_ text: ArraySlice<UInt8>) -> Bool {
    text.indices.contains { isEscape(text, at: $0) }
  }

  static func append(_ text: ArraySlice<UInt8>, to decoded: inout [UInt8]) {
    var at = text.startIndex
    while at < text.endIndex {
      if isEscape(text, at: at) {
        Hex.append(text[(at + 1)..<(at + 3)], to: &decoded)
        at += 3
      } else {
        decoded.append(text[at])
        at += 1
      }
    }
  }
}

/// Characters that are not drawn, so that a token with them inside looks whole to people and to
/// models: zero-width and bidi controls, soft hyphen, variation selectors, tags.
enum Invisible {
  static func isIn(_ text: ArraySlice<UInt8>) -> Bool {
    text.indices.contains { text[$0] >= 0x80 && length(text, at: $0) > 0 }
  }

  static func appendWithout(_ text: ArraySlice<UInt8>, to cleaned: inout [UInt8]) {
    var at = text.startIndex
    while at < text.endIndex {
      let skipped = length(text, at: at)
      if skipped == 0 { cleaned.append(text[at]) }
      at += max(1, skipped)
    }
  }

  /// The UTF-8 length of the invisible character at `at`, 0 for any other.
  static func length(_ text: ArraySlice<UInt8>, at: Int) -> Int {
    func next(_ offset: Int) -> UInt8 { at + offset < text.endIndex ? text[at + offset] : 0 }
    switch (text[at], next(1), next(2)) {
    case (0xC2, 0xAD, _), (0xCD, 0x8F, _): return 2
    case (0xE2, 0x80, 0x8B...0x8F), (0xE2, 0x80, 0xAA...0xAE), (0xE2, 0x81, 0xA0...0xAF),
      (0xEF, 0xBB, 0xBF), (0xEF, 0xB8, 0x80...0x8F), (0xE1, 0xA0, 0x8B...0x8F),
      (0xD8, 0x9C, _):
      return text[at] == 0xD8 ? 2 : 3
    case (0xF3, 0xA0, 0x80...0x87): return 4
    default: return 0
    }
  }
}
