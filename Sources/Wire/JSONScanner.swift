/// Reads a text once, strictly, so that no two parsers can read one message differently.
///
/// Accepted is RFC 8259 without: duplicate member names at any depth (compared unescaped), invalid
/// UTF-8, lone surrogates, NUL, numbers beyond what 64-bit readers and doubles hold, nesting or
/// sizes over the limits, anything after the value. Linear in time; memory is one small record for
/// each member name of the objects that are open.
enum JSONScanner {
  /// The range of the one value in `bytes`.
  static func scan(_ bytes: [UInt8], limits: JSONLimits) throws(JSONProblem) -> Range<Int> {
    guard bytes.count <= limits.maximumBytes else {
      throw JSONProblem(.tooLarge, at: limits.maximumBytes)
    }
    let span = bytes.span
    do { _ = try UTF8Span(validating: span) } catch {
      throw JSONProblem(.invalidUTF8, at: error.byteOffsets.lowerBound)
    }
    var reader = Reader(limits: limits, count: bytes.count)
    let raw = unsafe span.bytes
    reader.skipWhiteSpace(raw)
    let start = reader.at
    try reader.value(raw, depth: 0)
    let end = reader.at
    reader.skipWhiteSpace(raw)
    guard reader.at == bytes.count else { throw JSONProblem(.trailingBytes, at: reader.at) }
    return start..<end
  }

  private struct Reader {
    let limits: JSONLimits
    let count: Int
    var at = 0
    var values = 0
    /// The member names of the objects that are open, innermost last.
    var names: [MemberName] = []

    func byte(_ bytes: RawSpan) -> UInt8? {
      at < count ? unsafe bytes.unsafeLoad(fromByteOffset: at, as: UInt8.self) : nil
    }

    mutating func skipWhiteSpace(_ bytes: RawSpan) {
      while let next = byte(bytes), next == 0x20 || next == 0x0A || next == 0x0D || next == 0x09 {
        at += 1
      }
    }

    mutating func value(_ bytes: RawSpan, depth: Int) throws(JSONProblem) {
      values += 1
      guard values <= limits.maximumValues else { throw JSONProblem(.tooManyValues, at: at) }
      guard let first = byte(bytes) else { throw JSONProblem(.unexpectedEnd, at: at) }
      switch first {
      case UInt8(ascii: "{"):
        guard depth < limits.maximumDepth else { throw JSONProblem(.tooDeep, at: at) }
        try object(bytes, depth: depth + 1)
      case UInt8(ascii: "["):
        guard depth < limits.maximumDepth else { throw JSONProblem(.tooDeep, at: at) }
        try array(bytes, depth: depth + 1)
      case UInt8(ascii: "\""): _ = try string(bytes)
      case UInt8(ascii: "t"): try word("true", bytes)
      case UInt8(ascii: "f"): try word("false", bytes)
      case UInt8(ascii: "n"): try word("null", bytes)
      case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
        at = try JSONNumber.end(of: bytes, from: at, count: count)
      default: throw JSONProblem(.unexpectedByte, at: at)
      }
    }

    mutating func word(_ word: StaticString, _ bytes: RawSpan) throws(JSONProblem) {
      for index in 0..<word.utf8CodeUnitCount {
        guard let next = byte(bytes) else { throw JSONProblem(.unexpectedEnd, at: at) }
        guard unsafe next == word.utf8Start[index] else {
          throw JSONProblem(.unexpectedByte, at: at)
        }
        at += 1
      }
    }

    mutating func array(_ bytes: RawSpan, depth: Int) throws(JSONProblem) {
      at += 1
      skipWhiteSpace(bytes)
      if byte(bytes) == UInt8(ascii: "]") {
        at += 1
        return
      }
      while true {
        skipWhiteSpace(bytes)
        try value(bytes, depth: depth)
        skipWhiteSpace(bytes)
        if try closes(with: UInt8(ascii: "]"), bytes) { return }
      }
    }

    mutating func object(_ bytes: RawSpan, depth: Int) throws(JSONProblem) {
      at += 1
      let outer = names.count
      var seen = MemberNameSet()
      skipWhiteSpace(bytes)
      if byte(bytes) == UInt8(ascii: "}") {
        at += 1
        return
      }
      while true {
        skipWhiteSpace(bytes)
        guard let next = byte(bytes) else { throw JSONProblem(.unexpectedEnd, at: at) }
        guard next == UInt8(ascii: "\"") else { throw JSONProblem(.unexpectedByte, at: at) }
        let start = at
        values += 1
        let escaped = try string(bytes)
        let name = MemberName(range: start..<at, isEscaped: escaped)
        guard seen.insert(name, among: names[outer...], bytes) else {
          throw JSONProblem(.duplicateMember, at: start)
        }
        names.append(name)
        skipWhiteSpace(bytes)
        guard let colon = byte(bytes) else { throw JSONProblem(.unexpectedEnd, at: at) }
        guard colon == UInt8(ascii: ":") else { throw JSONProblem(.unexpectedByte, at: at) }
        at += 1
        skipWhiteSpace(bytes)
        try value(bytes, depth: depth)
        skipWhiteSpace(bytes)
        if try closes(with: UInt8(ascii: "}"), bytes) {
          names.removeSubrange(outer...)
          return
        }
      }
    }

    /// Reads `close` (true) or a comma (false).
    private mutating func closes(with close: UInt8, _ bytes: RawSpan) throws(JSONProblem) -> Bool {
      guard let next = byte(bytes) else { throw JSONProblem(.unexpectedEnd, at: at) }
      guard next == close || next == UInt8(ascii: ",") else {
        throw JSONProblem(.unexpectedByte, at: at)
      }
      at += 1
      return next == close
    }

    /// Reads a string and says whether it holds escapes.
    mutating func string(_ bytes: RawSpan) throws(JSONProblem) -> Bool {
      at += 1
      var escaped = false
      while true {
        skipPlain(bytes)
        guard let next = byte(bytes) else { throw JSONProblem(.unexpectedEnd, at: at) }
        switch next {
        case UInt8(ascii: "\""):
          at += 1
          return escaped
        case UInt8(ascii: "\\"):
          escaped = true
          at = try JSONEscape.end(of: bytes, from: at, count: count)
        case 0..<0x20: throw JSONProblem(.controlCharacter, at: at)
        default: at += 1
        }
      }
    }

    /// Skips, eight at a time, bytes that are no quote, backslash or control character. Only the
    /// lowest flag of a word is exact (a borrow can set higher ones), so only that one is used.
    private mutating func skipPlain(_ bytes: RawSpan) {
      let ones: UInt64 = 0x0101_0101_0101_0101
      while at &+ 8 <= count {
        let word = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt64.self)
        let quote = word ^ 0x2222_2222_2222_2222
        let slash = word ^ 0x5C5C_5C5C_5C5C_5C5C
        let stop =
          ((quote &- ones) & ~quote | (slash &- ones) & ~slash
            | (word &- 0x2020_2020_2020_2020) & ~word) & 0x8080_8080_8080_8080
        if stop != 0 {
          at &+= UInt64(littleEndian: stop).trailingZeroBitCount >> 3
          return
        }
        at &+= 8
      }
    }
  }
}
