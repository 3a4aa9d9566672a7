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
      if Self.isString(storage[raw], equalTo: name) { return JSONText(trusted: storage, value) }
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
    String(decoding: JSONEscape.resolve(quoted.dropFirst().dropLast()), as: UTF8.self)
  }

  private static func isString(_ quoted: ArraySlice<UInt8>, equalTo name: String) -> Bool {
    let inner = quoted.dropFirst().dropLast()
    return inner.contains(UInt8(ascii: "\\"))
      ? JSONEscape.resolve(inner).elementsEqual(name.utf8) : inner.elementsEqual(name.utf8)
  }
}
