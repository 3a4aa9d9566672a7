extension JSONText {
  /// A member of an object: its name with escapes resolved, and its value.
  public struct Member: Sendable, Hashable {
    public let name: String
    public let value: JSONText
  }

  /// The members of an object in their order; empty for anything else.
  public var members: [Member] {
    var walker = JSONWalker(self)
    var found: [Member] = []
    while let (name, value) = walker.nextMember() {
      found.append(
        Member(name: Self.plainString(storage[name]), value: JSONText(trusted: storage, value)))
    }
    return found
  }

  /// The values of an array in their order; empty for anything else.
  public var elements: [JSONText] {
    var walker = JSONWalker(self)
    var found: [JSONText] = []
    while let value = walker.nextElement() {
      found.append(JSONText(trusted: storage, value))
    }
    return found
  }

  /// The value of an object's member, or nil where there is none.
  public subscript(_ name: String) -> JSONText? {
    var walker = JSONWalker(self)
    while let (raw, value) = walker.nextMember() {
      if isString(raw, equalTo: name) { return JSONText(trusted: storage, value) }
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

  static func plainString(_ quoted: ArraySlice<UInt8>) -> String {
    let inner = quoted.dropFirst().dropLast()
    return inner.contains(UInt8(ascii: "\\"))
      ? String(decoding: JSONEscape.resolve(inner), as: UTF8.self)
      : String(decoding: inner, as: UTF8.self)
  }

  /// Whether the string at `quoted` is `name`, by its bytes unless it holds escapes.
  static func isString(_ bytes: [UInt8], _ quoted: Range<Int>, equalTo name: String) -> Bool {
    let end = quoted.upperBound - 1
    var at = quoted.lowerBound + 1
    for byte in name.utf8 {
      guard at < end, bytes[at] == byte, byte != UInt8(ascii: "\\") else {
        let rest = bytes[at..<end]
        return rest.contains(UInt8(ascii: "\\"))
          && JSONEscape.resolve(bytes[(quoted.lowerBound + 1)..<end]).elementsEqual(name.utf8)
      }
      at &+= 1
    }
    return at == end
  }

  func isString(_ quoted: Range<Int>, equalTo name: String) -> Bool {
    Self.isString(storage, quoted, equalTo: name)
  }
}
