/// The escapes of JSON strings (RFC 8259 section 7), in both directions.
enum JSONEscape {
  /// The position after the escape (or surrogate pair) at `start`.
  static func end(
    of bytes: RawSpan, from start: Int, count: Int
  ) throws(JSONProblem) -> Int {
    guard start + 1 < count else { throw JSONProblem(.unexpectedEnd, at: count) }
    switch unsafe bytes.unsafeLoad(fromByteOffset: start + 1, as: UInt8.self) {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
      UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      return start + 2
    case UInt8(ascii: "u"): break
    default: throw JSONProblem(.invalidEscape, at: start)
    }
    let unit = try codeUnit(bytes, at: start, count: count)
    switch unit {
    case 0: throw JSONProblem(.nullCharacter, at: start)
    case 0xD800...0xDBFF:
      guard let low = try? codeUnit(bytes, at: start + 6, count: count),
        (0xDC00...0xDFFF).contains(low)
      else { throw JSONProblem(.loneSurrogate, at: start) }
      return start + 12
    case 0xDC00...0xDFFF: throw JSONProblem(.loneSurrogate, at: start)
    default: return start + 6
    }
  }

  /// The code unit of a `\uXXXX` at `start`.
  private static func codeUnit(
    _ bytes: RawSpan, at start: Int, count: Int
  ) throws(JSONProblem) -> UInt16 {
    guard start + 6 <= count else { throw JSONProblem(.unexpectedEnd, at: count) }
    guard unsafe bytes.unsafeLoad(fromByteOffset: start, as: UInt8.self) == UInt8(ascii: "\\"),
      unsafe bytes.unsafeLoad(fromByteOffset: start + 1, as: UInt8.self) == UInt8(ascii: "u")
    else { throw JSONProblem(.invalidEscape, at: start) }
    var unit: UInt16 = 0
    for offset in (start + 2)..<(start + 6) {
      guard let digit = hexDigit(unsafe bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self))
      else { throw JSONProblem(.invalidEscape, at: offset) }
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
      guard raw[at] == UInt8(ascii: "\\"), at + 1 < raw.endIndex else {
        plain.append(raw[at])
        at += 1
        continue
      }
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

  /// `text` as a JSON string, quotes included.
  static func quote(_ text: String, into output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): output.append(contentsOf: [UInt8(ascii: "\\"), byte])
      case UInt8(ascii: "\\"): output.append(contentsOf: [UInt8(ascii: "\\"), byte])
      case 0x0A: output.append(contentsOf: Array("\\n".utf8))
      case 0x0D: output.append(contentsOf: Array("\\r".utf8))
      case 0x09: output.append(contentsOf: Array("\\t".utf8))
      case 0..<0x20:
        let digits = Array("0123456789abcdef".utf8)
        output.append(contentsOf: Array("\\u00".utf8))
        output.append(digits[Int(byte >> 4)])
        output.append(digits[Int(byte & 15)])
      default: output.append(byte)
      }
    }
    output.append(UInt8(ascii: "\""))
  }
}
