/// The lines of a head → ``RequestHead``. Stricter than RFC 9112 asks wherever a lenient reader and
/// another one could see two different requests in the same bytes.
struct HeadParser {
  let bytes: ArraySlice<UInt8>

  /// `bytes` begin with the request line and end with the empty line.
  func head(mostFields: Int) throws(SyntaxProblem) -> RequestHead {
    var at = bytes.startIndex
    var head = try Self.requestLine(line(from: &at))
    while true {
      let line = line(from: &at)
      if line.isEmpty { break }
      guard head.fields.count < mostFields else { throw .fieldsTooLarge }
      head.fields.append(try Self.field(line))
    }
    try head.takeAuthorityFromTarget()
    head.framing = try Self.framing(of: head)
    return head
  }

  /// Without its end; every line has one.
  private func line(from at: inout Int) -> ArraySlice<UInt8> {
    let end = bytes[at...].firstIndex(of: .lineFeed) ?? bytes.endIndex
    defer { at = min(end + 1, bytes.endIndex) }
    return bytes[at..<max(at, end - 1)]
  }

  private static func requestLine(_ line: ArraySlice<UInt8>) throws(SyntaxProblem) -> RequestHead {
    let words = line.split(separator: .space, omittingEmptySubsequences: false)
    guard words.count == 3 else { throw .malformed("a request line has three words") }
    guard !words[0].isEmpty, words[0].allSatisfy(\.isTokenByte) else {
      throw .malformed("the method is no token")
    }
    guard !words[1].isEmpty, words[1].allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw .malformed("the target holds a character that no URL has")
    }
    return RequestHead(
      method: String(decoding: words[0], as: UTF8.self),
      target: String(decoding: words[1], as: UTF8.self), isOld: try isOld(words[2]))
  }

  private static func isOld(_ version: ArraySlice<UInt8>) throws(SyntaxProblem) -> Bool {
    if version.elementsEqual("HTTP/1.1".utf8) { return false }
    if version.elementsEqual("HTTP/1.0".utf8) { return true }
    let digits = version.dropFirst(5)
    guard version.starts(with: "HTTP/".utf8), digits.count == 3, let major = digits.first,
      let minor = digits.last, major.isDigit, minor.isDigit,
      digits[digits.startIndex + 1] == UInt8(ascii: ".")
    else { throw .malformed("the request line names no version of HTTP") }
    // A later 1.x is to be read like the newest that we know (RFC 9110 section 2.5).
    guard major == UInt8(ascii: "1") else { throw .versionNotSupported }
    return false
  }

  /// Folded lines begin with a blank and have no name (RFC 9112 section 5.2): refused.
  static func field(_ line: ArraySlice<UInt8>) throws(SyntaxProblem) -> RequestHead.Field {
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex,
      line[..<colon].allSatisfy(\.isTokenByte)
    else { throw .malformed("a header line does not begin with a name and a colon") }
    let value = line[(colon + 1)...].trimmingBlanks
    guard value.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == .tab }) else {
      throw .malformed("a header holds a control character")
    }
    return RequestHead.Field(
      String(decoding: line[..<colon].map(\.lowercased), as: UTF8.self),
      String(decoding: value, as: UTF8.self))
  }

  /// RFC 9112 sections 6.1 and 6.3: whoever sends both a length and chunks, or two of one, may be
  /// smuggling a request past another reader.
  private static func framing(of head: RequestHead) throws(SyntaxProblem) -> BodyFraming {
    let lengths = head[all: "content-length"]
    let codings = head[all: "transfer-encoding"]
    guard !codings.isEmpty else {
      guard let length = lengths.first else { return .none }
      guard lengths.count == 1, (1...18).contains(length.utf8.count),
        length.utf8.allSatisfy(\.isDigit), let count = Int(length)
      else { throw .malformed("Content-Length is no single number") }
      return count == 0 ? .none : .length(count)
    }
    guard lengths.isEmpty, codings.count == 1, !head.isOld else {
      throw .malformed("Transfer-Encoding beside a length, twice, or in HTTP/1.0")
    }
    // Byte by byte: Unicode has other letters whose small form is one of ASCII.
    let names = codings[0].utf8.map(\.lowercased).split(
      separator: UInt8(ascii: ","), omittingEmptySubsequences: false
    ).map(\.trimmingBlanks)
    guard let last = names.last, last.elementsEqual("chunked".utf8) else {
      throw .malformed("the end of the body is unknown: chunked must come last")
    }
    guard names.count == 1 else { throw .codingNotSupported }
    return .chunked
  }
}

extension RequestHead {
  /// `http://host/path` is to be taken like `/path` with that Host (RFC 9112 section 3.2.2). A Host
  /// that differs is refused: another reader may have judged by the other one.
  fileprivate mutating func takeAuthorityFromTarget() throws(SyntaxProblem) {
    let scheme = target.prefix(8).lowercased()
    let length = scheme.hasPrefix("http://") ? 7 : scheme == "https://" ? 8 : 0
    guard length > 0 else { return }
    let rest = target.dropFirst(length)
    let end = rest.firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? rest.endIndex
    guard self["host"]?.lowercased() == rest[..<end].lowercased() else {
      throw .malformed("Host differs from the host of the target")
    }
    let path = rest[end...]
    target = path.first == "/" ? String(path) : "/\(path)"
  }
}

extension UInt8 {
  static var lineFeed: UInt8 { 0x0A }
  static var carriageReturn: UInt8 { 0x0D }
  static var space: UInt8 { 0x20 }
  static var tab: UInt8 { 0x09 }

  var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }

  var isLetter: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20) }

  /// Of a token (RFC 9110 section 5.6.2).
  var isTokenByte: Bool {
    if isLetter || isDigit { return true }
    switch self {
    case UInt8(ascii: "!"), UInt8(ascii: "#")...UInt8(ascii: "'"), UInt8(ascii: "*"),
      UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "^"),
      UInt8(ascii: "_"), UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
      return true
    default: return false
    }
  }

  var lowercased: UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) ? self | 0x20 : self
  }

  var hexValue: Int? {
    if isDigit { return Int(self - UInt8(ascii: "0")) }
    let letter = self | 0x20
    guard (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(letter) else { return nil }
    return Int(letter - UInt8(ascii: "a")) + 10
  }
}

extension ArraySlice<UInt8> {
  var trimmingBlanks: ArraySlice<UInt8> {
    var text = self
    while let last = text.last, last == .space || last == .tab { text.removeLast() }
    while let first = text.first, first == .space || first == .tab { text.removeFirst() }
    return text
  }
}
