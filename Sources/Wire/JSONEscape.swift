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

  /// The UTF-8 of a string's inside that the scanner has accepted, escapes resolved.
  static func resolve(_ raw: ArraySlice<UInt8>) -> [UInt8] {
    guard raw.contains(UInt8(ascii: "\\")) else { return Array(raw) }
    var plain: [UInt8] = []
    plain.reserveCapacity(raw.count)
    var at = raw.startIndex
    while at < raw.endIndex {
      let rest = raw[at...]
      let escape = rest.firstIndex(of: UInt8(ascii: "\\")) ?? rest.endIndex
      plain.append(contentsOf: raw[at..<escape])
      at = escape
      guard at + 1 < raw.endIndex else { break }
      switch raw[at + 1] {
      case UInt8(ascii: "b"): plain.append(0x08)
      case UInt8(ascii: "f"): plain.append(0x0C)
      case UInt8(ascii: "n"): plain.append(0x0A)
      case UInt8(ascii: "r"): plain.append(0x0D)
      case UInt8(ascii: "t"): plain.append(0x09)
      case UInt8(ascii: "u"):
        at += appendUnicode(raw[at...], to: &plain)
        continue
      case let other: plain.append(other)
      }
      at += 2
    }
    return plain
  }

  /// Appends what the `\uXXXX` (or pair) at the start of `raw` stands for; returns its length.
  private static func appendUnicode(_ raw: ArraySlice<UInt8>, to plain: inout [UInt8]) -> Int {
    func unit(_ offset: Int) -> UInt32 {
      raw.dropFirst(offset + 2).prefix(4).reduce(0) { $0 << 4 | UInt32(hexDigit($1) ?? 0) }
    }
    let first = unit(0)
    let isPair = (0xD800...0xDBFF).contains(first)
    let scalar = isPair ? 0x10000 + (first - 0xD800) << 10 + (unit(6) &- 0xDC00) & 0x3FF : first
    plain.append(contentsOf: Character(Unicode.Scalar(scalar) ?? "\u{FFFD}").utf8)
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
