/// The grammar of RFC 8259, value by value.
struct JSONReader {
  private let limits: JSONLimits
  /// Whether what only our rules refuse is passed over within the members of the outermost object:
  /// what is read so is not used, but whose message it was can still be said.
  private let isTolerant: Bool
  private var at = 0
  private var values = 0
  private var open = OpenNames()
  private(set) var outline = JSONOutline()
  /// From the first to the last string that may hold more than ASCII, quotes included; nil if there
  /// is none. Nothing else can, so only this needs a check for UTF-8.
  private(set) var nonASCII: Range<Int>?

  init(limits: JSONLimits, isTolerant: Bool = false) {
    self.limits = limits
    self.isTolerant = isTolerant
  }

  /// Reads a whole text and returns the range of its value.
  mutating func text(_ bytes: Span<UInt8>) throws(JSONProblem) -> Range<Int> {
    skipWhiteSpace(bytes)
    let start = at
    var end = at
    repeat {
      try value(bytes)
      end = at
    } while try hasNextValue(bytes, end: &end)
    guard at == bytes.count else { throw JSONProblem(.trailingBytes, at: at) }
    return start..<end
  }

  /// Reads a scalar or an empty container, after the brackets of all containers that open here.
  private mutating func value(_ bytes: Span<UInt8>) throws(JSONProblem) {
    while true {
      try count()
      switch try byte(bytes) {
      case UInt8(ascii: "{"):
        guard try !opensEmpty(bytes, isObject: true) else { return }
        try name(bytes)
      case UInt8(ascii: "["):
        guard try !opensEmpty(bytes, isObject: false) else { return }
      case UInt8(ascii: "\""):
        _ = try string(bytes)
        return
      case UInt8(ascii: "t"): return try word("true", bytes)
      case UInt8(ascii: "f"): return try word("false", bytes)
      case UInt8(ascii: "n"): return try word("null", bytes)
      case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
        try number(bytes)
        return
      default: throw JSONProblem(.unexpectedByte, at: at)
      }
    }
  }

  /// Closes the containers that end here. True at the next value, false at the end of the text;
  /// `end` moves past the brackets.
  private mutating func hasNextValue(
    _ bytes: Span<UInt8>, end: inout Int
  ) throws(JSONProblem) -> Bool {
    skipWhiteSpace(bytes)
    while let isObject = open.isInObject {
      let next = try byte(bytes)
      if open.depth == 1, isObject { outline.end(at: end) }
      guard next != UInt8(ascii: ",") else {
        at &+= 1
        skipWhiteSpace(bytes)
        if isObject { try name(bytes) }
        return true
      }
      guard next == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
        throw JSONProblem(.unexpectedByte, at: at)
      }
      open.close()
      at &+= 1
      end = at
      skipWhiteSpace(bytes)
    }
    return false
  }

  /// Opens a container; true if it closes at once.
  private mutating func opensEmpty(
    _ bytes: Span<UInt8>, isObject: Bool
  ) throws(JSONProblem) -> Bool {
    guard open.depth < limits.maximumDepth else { throw JSONProblem(.tooDeep, at: at) }
    at &+= 1
    skipWhiteSpace(bytes)
    if try byte(bytes) == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
      at &+= 1
      return true
    }
    open.open(isObject: isObject)
    return false
  }

  /// Reads a member name and its colon, up to the value.
  private mutating func name(_ bytes: Span<UInt8>) throws(JSONProblem) {
    try count()
    guard try byte(bytes) == UInt8(ascii: "\"") else { throw JSONProblem(.unexpectedByte, at: at) }
    let start = at
    let isEscaped = try string(bytes)
    let end = at
    if open.depth == 1 { outline.begin(name: start..<end) }
    let name = MemberName(inner: (start &+ 1)..<(end &- 1), isEscaped: isEscaped, bytes)
    guard open.insert(name, bytes) || isTolerant && open.depth > 1 else {
      throw JSONProblem(.duplicateMember, at: start)
    }
    skipWhiteSpace(bytes)
    guard try byte(bytes) == UInt8(ascii: ":") else { throw JSONProblem(.unexpectedByte, at: at) }
    at &+= 1
    skipWhiteSpace(bytes)
    if open.depth == 1 { outline.beginValue(at: at) }
  }

  /// Reads a string and says whether it holds escapes.
  private mutating func string(_ bytes: Span<UInt8>) throws(JSONProblem) -> Bool {
    let start = at
    at &+= 1
    var isEscaped = false
    var highBits: UInt64 = 0
    while true {
      at = JSONSkip.plain(bytes, from: at, highBits: &highBits)
      switch try byte(bytes) {
      case UInt8(ascii: "\""):
        at &+= 1
        if highBits & 0x8080_8080_8080_8080 != 0 {
          nonASCII = (nonASCII?.lowerBound ?? start)..<at
        }
        return isEscaped
      case UInt8(ascii: "\\"):
        isEscaped = true
        try escape(bytes)
      case 0..<0x20: throw JSONProblem(.controlCharacter, at: at)
      case let other:
        highBits |= UInt64(other)
        at &+= 1
      }
    }
  }

  private mutating func escape(_ bytes: Span<UInt8>) throws(JSONProblem) {
    do throws(JSONProblem) { at = try JSONEscape.end(of: bytes, from: at) } catch {
      guard isTolerant, error.isWellFormedButRefused else { throw error }
      // `\u`; its digits are plain characters.
      at &+= 2
    }
  }

  private mutating func number(_ bytes: Span<UInt8>) throws(JSONProblem) {
    do throws(JSONProblem) { at = try JSONNumber.end(of: bytes, from: at) } catch {
      guard isTolerant, error.isWellFormedButRefused else { throw error }
      while at < bytes.count, JSONNumber.canHold(bytes[at]) { at &+= 1 }
    }
  }

  private mutating func word(_ word: StaticString, _ bytes: Span<UInt8>) throws(JSONProblem) {
    for index in 0..<word.utf8CodeUnitCount {
      guard unsafe try byte(bytes) == word.utf8Start[index] else {
        throw JSONProblem(.unexpectedByte, at: at)
      }
      at &+= 1
    }
  }

  private mutating func count() throws(JSONProblem) {
    values &+= 1
    guard values <= limits.maximumValues else { throw JSONProblem(.tooManyValues, at: at) }
  }

  private func byte(_ bytes: Span<UInt8>) throws(JSONProblem) -> UInt8 {
    guard at < bytes.count else { throw JSONProblem(.unexpectedEnd, at: at) }
    return bytes[at]
  }

  private mutating func skipWhiteSpace(_ bytes: Span<UInt8>) {
    while at < bytes.count, bytes[at] <= 0x20 {
      switch bytes[at] {
      case 0x20, 0x0A, 0x0D, 0x09: at &+= 1
      default: return
      }
    }
  }
}
