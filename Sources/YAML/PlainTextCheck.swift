/// Refuses what is no text before libyaml sees it: its own words for that are hard to understand,
/// and it would accept other encodings than UTF-8.
enum PlainTextCheck {
  static func pass(_ bytes: [UInt8], maximumBytes: Int) throws(YAMLRefusal) {
    let start = YAMLPosition(line: 1, column: 1)
    guard bytes.count <= maximumBytes else {
      throw YAMLRefusal(
        at: start, "the text has \(bytes.count) bytes; at most \(maximumBytes) are read")
    }
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
      throw YAMLRefusal(at: start, "this is UTF-16", hint: "save it as UTF-8")
    }
    if let offset = bytes.firstIndex(of: 0) {
      throw YAMLRefusal(
        at: position(of: offset, in: bytes), "this is not text: it holds a NUL byte")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      let offset = firstInvalidOffset(bytes)
      throw YAMLRefusal(
        at: position(of: offset, in: bytes), "this is not UTF-8 text", hint: "save it as UTF-8")
    }
    if let control = text.unicodeScalars.dropByteOrderMark.firstIndex(where: isControl) {
      let offset = text.utf8.distance(from: text.startIndex, to: control)
      throw YAMLRefusal(
        at: position(of: offset, in: bytes), "this is not text: it holds a control character",
        hint: "in double quotes it can be written as \\xNN")
    }
  }

  /// What YAML 1.2 section 5.1 does not count as printable.
  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09, 0x0A, 0x0D, 0x85: false
    case 0..<0x20, 0x7F...0x9F, 0xFEFF, 0xFFFE, 0xFFFF: true
    default: false
    }
  }

  /// Counts characters as libyaml does: by code point, a CR LF being one line break.
  static func position(of offset: Int, in bytes: [UInt8]) -> YAMLPosition {
    var position = YAMLPosition(line: 1, column: 1)
    var previous: UInt8 = 0
    for byte in bytes.prefix(offset) {
      switch byte {
      case 0x0A where previous == 0x0D: break
      case 0x0A, 0x0D: position = YAMLPosition(line: position.line + 1, column: 1)
      case 0x80...0xBF: break
      default: position.column += 1
      }
      previous = byte
    }
    return position
  }

  /// Where decoding first fails.
  private static func firstInvalidOffset(_ bytes: [UInt8]) -> Int {
    var decoder = UTF8()
    var iterator = bytes.makeIterator()
    var good = 0
    while case .scalarValue(let scalar) = decoder.decode(&iterator) {
      good += UTF8.width(scalar)
    }
    return good
  }
}

extension String.UnicodeScalarView {
  /// Windows editors put a byte order mark in front of UTF-8.
  fileprivate var dropByteOrderMark: SubSequence { first == "\u{FEFF}" ? dropFirst() : self[...] }
}
