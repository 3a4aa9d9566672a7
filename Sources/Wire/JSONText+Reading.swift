extension JSONText {
  /// A member of an object: its name with escapes resolved, and its value.
  public struct Member: Sendable, Hashable {
    public let name: String
    public let value: JSONText
  }

  /// The members of an object in their order; empty for anything else.
  public var members: [Member] {
    var walker = Walker(self)
    var found: [Member] = []
    while let (name, value) = walker.nextMember() {
      found.append(Member(name: Self.plainString(storage[name]), value: value))
    }
    return found
  }

  /// The values of an array in their order; empty for anything else.
  public var elements: [JSONText] {
    var walker = Walker(self)
    var found: [JSONText] = []
    while let value = walker.nextElement() { found.append(value) }
    return found
  }

  /// The value of an object's member, or nil where there is none.
  public subscript(_ name: String) -> JSONText? {
    var walker = Walker(self)
    while let (raw, value) = walker.nextMember() {
      if Self.isString(storage[raw], equalTo: name) { return value }
    }
    return nil
  }

  /// The text of a string, escapes resolved.
  public var string: String? { kind == .string ? Self.plainString(bytes) : nil }
  public var bool: Bool? {
    kind == .bool ? storage[range.lowerBound] == UInt8(ascii: "t") : nil
  }
  /// The value of an integer literal that fits.
  public var int: Int? { kind == .number ? Int(description) : nil }
  public var double: Double? { kind == .number ? Double(description) : nil }
  public var isNull: Bool { kind == .null }

  private static func plainString(_ quoted: ArraySlice<UInt8>) -> String {
    String(decoding: JSONEscape.resolve(quoted.dropFirst().dropLast()), as: UTF8.self)
  }

  private static func isString(_ quoted: ArraySlice<UInt8>, equalTo name: String) -> Bool {
    let inner = quoted.dropFirst().dropLast()
    return inner.contains(UInt8(ascii: "\\"))
      ? JSONEscape.resolve(inner).elementsEqual(name.utf8) : inner.elementsEqual(name.utf8)
  }
}

/// Steps over the parts of an accepted array or object. It trusts the grammar, so it only has to
/// know where strings and brackets end.
struct Walker {
  private let storage: [UInt8]
  private var at: Int
  private let end: Int
  private let isObject: Bool

  init(_ text: JSONText) {
    storage = text.storage
    isObject = text.kind == .object
    let isContainer = isObject || text.kind == .array
    at = isContainer ? text.range.lowerBound + 1 : text.range.upperBound
    end = isContainer ? text.range.upperBound - 1 : text.range.upperBound
  }

  /// The range of the next member's name, quotes included, and its value.
  mutating func nextMember() -> (name: Range<Int>, value: JSONText)? {
    guard isObject, skipSeparators() else { return nil }
    let name = skipValue()
    guard skipSeparators() else { return nil }
    return (name, JSONText(trusted: storage, skipValue()))
  }

  mutating func nextElement() -> JSONText? {
    guard !isObject, skipSeparators() else { return nil }
    return JSONText(trusted: storage, skipValue())
  }

  /// Skips white space, commas and colons; false at the end.
  private mutating func skipSeparators() -> Bool {
    while at < end {
      switch storage[at] {
      case 0x20, 0x0A, 0x0D, 0x09, UInt8(ascii: ","), UInt8(ascii: ":"): at += 1
      default: return true
      }
    }
    return false
  }

  private mutating func skipValue() -> Range<Int> {
    let start = at
    switch storage[at] {
    case UInt8(ascii: "\""): skipString()
    case UInt8(ascii: "{"), UInt8(ascii: "["): skipNested()
    default: skipScalar()
    }
    return start..<at
  }

  private mutating func skipString() {
    at += 1
    while at < end, storage[at] != UInt8(ascii: "\"") {
      at += storage[at] == UInt8(ascii: "\\") ? 2 : 1
    }
    at += 1
  }

  private mutating func skipNested() {
    var depth = 0
    while at < end {
      switch storage[at] {
      case UInt8(ascii: "\""):
        skipString()
        continue
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
      default: break
      }
      at += 1
      if depth == 0 { return }
    }
  }

  private mutating func skipScalar() {
    while at < end {
      switch storage[at] {
      case 0x20, 0x0A, 0x0D, 0x09, UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"): return
      default: at += 1
      }
    }
  }
}
