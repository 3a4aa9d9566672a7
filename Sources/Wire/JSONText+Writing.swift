extension JSONText {
  /// A string value.
  public init(string: String) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(string.utf8.count + 2)
    JSONEscape.quote(string, into: &bytes)
    self.init(trusted: bytes, 0..<bytes.count)
  }

  public init(_ value: Int) {
    let bytes = Array(String(value).utf8)
    self.init(trusted: bytes, 0..<bytes.count)
  }

  public init(_ value: Bool) {
    let bytes = Array((value ? "true" : "false").utf8)
    self.init(trusted: bytes, 0..<bytes.count)
  }

  /// An object with these members; later members of the same name are the caller's mistake and
  /// trap in debug builds.
  public init(object members: [(String, JSONText)]) {
    assert(Set(members.map(\.0)).count == members.count, "duplicate member")
    var bytes: [UInt8] = [UInt8(ascii: "{")]
    bytes.reserveCapacity(members.reduce(2) { $0 + $1.0.utf8.count + $1.1.count + 4 })
    for (index, member) in members.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      JSONEscape.quote(member.0, into: &bytes)
      bytes.append(UInt8(ascii: ":"))
      bytes.append(contentsOf: member.1.bytes)
    }
    bytes.append(UInt8(ascii: "}"))
    self.init(trusted: bytes, 0..<bytes.count)
  }

  public init(array elements: some Sequence<JSONText>) {
    var bytes: [UInt8] = [UInt8(ascii: "[")]
    for (index, element) in elements.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      bytes.append(contentsOf: element.bytes)
    }
    bytes.append(UInt8(ascii: "]"))
    self.init(trusted: bytes, 0..<bytes.count)
  }
}

extension JSONText {
  /// The same value on one line: stdio and SSE frames end at a line break. Inside strings a raw
  /// line break is not JSON, so every one found stands between values and may become a space.
  public var withoutLineBreaks: JSONText {
    guard JSONSkip.lineBreak(storage.span, from: range.lowerBound) < range.upperBound else {
      return self
    }
    var flat: [UInt8] = []
    appendOnOneLine(to: &flat)
    return JSONText(trusted: flat, 0..<flat.count)
  }

  func appendOnOneLine(to line: inout [UInt8]) {
    var at = line.count
    line += bytes
    while true {
      at = JSONSkip.lineBreak(line.span, from: at)
      guard at < line.count else { return }
      line[at] = 0x20
    }
  }
}
