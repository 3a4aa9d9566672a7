/// Reads a text once, strictly, so that no two parsers can read one message differently.
///
/// Accepted is RFC 8259 without: duplicate member names at any depth (compared unescaped), invalid
/// UTF-8, lone surrogates, NUL, numbers beyond what 64-bit readers and doubles hold, nesting or
/// sizes over the limits, anything after the value. Linear in time; memory is one small record for
/// each open container and each member name of the objects among them. It does not recurse, so
/// depth costs no stack.
enum JSONScanner {
  /// The range of the one value in `bytes`. `outline` gets the members of the outermost object, as
  /// far as they were read, also when the text is refused.
  static func scan(
    _ bytes: [UInt8], limits: JSONLimits, outline: inout JSONOutline
  ) throws(JSONProblem) -> Range<Int> {
    guard bytes.count <= limits.maximumBytes else {
      throw JSONProblem(.tooLarge, at: limits.maximumBytes)
    }
    let span = bytes.span
    var reader = JSONReader(limits: limits)
    defer { outline = reader.outline }
    let range = try reader.text(span)
    guard let suspect = reader.nonASCII else { return range }
    do { _ = try UTF8Span(validating: span.extracting(suspect)) } catch {
      throw JSONProblem(.invalidUTF8, at: suspect.lowerBound + error.byteOffsets.lowerBound)
    }
    return range
  }

  /// Where the members of a text stand that was refused for `problem`, which had been read as far as
  /// `outline`. If our rules alone refuse it, all of it is read, so that an answer finds its call.
  static func outline(
    ofRefused bytes: [UInt8], _ problem: JSONProblem, limits: JSONLimits, _ outline: JSONOutline
  ) -> JSONOutline {
    switch problem.reason {
    case .nullCharacter, .loneSurrogate, .ambiguousNumber, .duplicateMember: break
    default: return outline
    }
    var reader = JSONReader(limits: limits, isTolerant: true)
    return (try? reader.text(bytes.span)) == nil ? outline : reader.outline
  }
}

/// Where the members of a text's outermost object stand.
struct JSONOutline {
  struct Member {
    /// With its quotes.
    let name: Range<Int>
    /// Nil where reading stopped before its end.
    var value: Range<Int>?
  }

  /// The messages we read have six members at most; nobody needs a record of a million.
  private static let mostMembers = 32

  private(set) var members: [Member] = []
  /// Whether there were more members than are kept.
  private(set) var isCut = false
  private var valueStart = 0

  mutating func begin(name: Range<Int>) {
    isCut = members.count == Self.mostMembers
    if !isCut { members.append(Member(name: name)) }
  }

  mutating func beginValue(at start: Int) { valueStart = start }

  mutating func end(at end: Int) {
    if !isCut { members[members.count - 1].value = valueStart..<end }
  }
}
