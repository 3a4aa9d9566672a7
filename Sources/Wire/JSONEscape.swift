/// The escapes of JSON strings (RFC 8259 section 7), in both directions.
enum JSONEscape {
  /// The position after the escape (or surrogate pair) at `start`.
  static func end(of bytes: Span<UInt8>, from start: Int) throws(JSONProblem) -> Int {
    guard start + 1 < bytes.count else { throw JSONProblem(.unexpectedEnd, at: bytes.count) }
    switch bytes[start + 1] {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
      UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      return start + 2
    case UInt8(ascii: "u"): break
    default: throw JSONProblem(.invalidEscape, at: start)
    }
    switch try codeUnit(bytes, at: start) {
    case 0: throw JSONProblem(.nullCharacter, at: start)
    case 0xD800...0xDBFF: return try lowEnd(of: bytes, from: start + 6, high: start)
    case 0xDC00...0xDFFF: throw JSONProblem(.loneSurrogate, at: start)
    default: return start + 6
    }
  }

  /// The position after the second half of a surrogate pair.
  private static func lowEnd(
    of bytes: Span<UInt8>, from start: Int, high: Int
  ) throws(JSONProblem) -> Int {
    for (offset, expected) in "\\u".utf8.enumerated() {
      guard start + offset < bytes.count else { throw JSONProblem(.unexpectedEnd, at: bytes.count) }
      guard bytes[start + offset] == expected else { throw JSONProblem(.loneSurrogate, at: high) }
    }
    guard (0xDC00...0xDFFF).contains(try codeUnit(bytes, at: start)) else {
      throw JSONProblem(.loneSurrogate, at: high)
    }
    return start + 6
  }

  /// The code unit of the `\uXXXX` at `start`, of which the `\u` is known.
  private static func codeUnit(
    _ bytes: Span<UInt8>, at start: Int
  ) throws(JSONProblem) -> UInt16 {
    var unit: UInt16 = 0
    for offset in (start + 2)..<(start + 6) {
      guard offset < bytes.count else { throw JSONProblem(.unexpectedEnd, at: bytes.count) }
      guard let digit = hexDigit(bytes[offset]) else {
        throw JSONProblem(.invalidEscape, at: offset)
      }
      unit = unit << 4 | digit
    }
    return unit
  }

  private static func hexDigit(_ byte: UInt8) -> UInt16? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt16(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt16(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt16(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
  }

  /// The UTF-8 of a string's inside that the scanner has accepted, escapes resolved. No escape is
  /// shorter than what it stands for.
  static func resolve(_ raw: ArraySlice<UInt8>) -> [UInt8] {
    Array(capacity: raw.count) { plain in
      let bytes = raw.span
      var at = 0
      while at < bytes.count {
        if bytes[at] == UInt8(ascii: "\\"), at + 1 < bytes.count {
          at += appendMeaning(of: bytes, at: at, to: &plain)
        } else {
          plain.append(bytes[at])
          at += 1
        }
      }
    }
  }

  /// Appends what the escape at `start` stands for; returns the escape's length.
  private static func appendMeaning(
    of bytes: Span<UInt8>, at start: Int, to plain: inout OutputSpan<UInt8>
  ) -> Int {
    switch bytes[start + 1] {
    case UInt8(ascii: "b"): plain.append(0x08)
    case UInt8(ascii: "f"): plain.append(0x0C)
    case UInt8(ascii: "n"): plain.append(0x0A)
    case UInt8(ascii: "r"): plain.append(0x0D)
    case UInt8(ascii: "t"): plain.append(0x09)
    case UInt8(ascii: "u"): return appendUnicode(bytes, at: start, to: &plain)
    case let other: plain.append(other)
    }
    return 2
  }

  private static func appendUnicode(
    _ bytes: Span<UInt8>, at start: Int, to plain: inout OutputSpan<UInt8>
  ) -> Int {
    func unit(_ start: Int) -> UInt32 {
      var unit: UInt32 = 0
      for at in (start + 2)..<min(start + 6, bytes.count) {
        unit = unit << 4 | UInt32(hexDigit(bytes[at]) ?? 0)
      }
      return unit
    }
    let first = unit(start)
    let isPair = (0xD800...0xDBFF).contains(first) && start + 12 <= bytes.count
    let scalar =
      isPair ? 0x10000 + (first - 0xD800) << 10 + (unit(start + 6) &- 0xDC00) & 0x3FF : first
    for byte in UTF8.encode(Unicode.Scalar(scalar) ?? "\u{FFFD}")
      ?? UTF8.encodedReplacementCharacter
    {
      plain.append(byte)
    }
    return isPair ? 12 : 6
  }

  /// `text` as a JSON string, quotes included. A NUL, which no text of ours may hold, becomes
  /// U+FFFD.
  static func quote(_ text: String, into output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        output.append(UInt8(ascii: "\\"))
        output.append(byte)
      case 0x20...: output.append(byte)
      case 0: output += "\u{FFFD}".utf8
      case 0x0A: output += #"\n"#.utf8
      case 0x0D: output += #"\r"#.utf8
      case 0x09: output += #"\t"#.utf8
      default:
        output += #"\u00"#.utf8
        output.append(byte < 0x10 ? UInt8(ascii: "0") : UInt8(ascii: "1"))
        output += String(byte & 15, radix: 16).utf8
      }
    }
    output.append(UInt8(ascii: "\""))
  }
}
