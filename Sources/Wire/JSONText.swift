/// One JSON value as the bytes that were read, checked once and never re-encoded.
///
/// The bytes are known to be strict JSON (RFC 8259) that every reader understands alike: see
/// ``JSONScanner``. Parts of a text share its storage, so taking a member copies nothing.
public struct JSONText: Sendable {
  let storage: [UInt8]
  let range: Range<Int>

  /// Only for ranges that the scanner has accepted.
  init(trusted storage: [UInt8], _ range: Range<Int>) {
    self.storage = storage
    self.range = range
  }

  /// Checks `bytes` and keeps them. White space around the value is not part of the text.
  public init(
    validating bytes: [UInt8], limits: JSONLimits = .fromClient
  ) throws(JSONProblem) {
    var outline = JSONOutline()
    self.init(
      trusted: bytes, try JSONScanner.scan(bytes, limits: limits, outline: &outline))
  }

  /// Checks the UTF-8 of `text`.
  public init(validating text: String, limits: JSONLimits = .fromClient) throws(JSONProblem) {
    try self.init(validating: Array(text.utf8), limits: limits)
  }

  public enum Kind: String, Sendable, Hashable {
    case object, array, string, number, bool, null
  }

  public var kind: Kind {
    switch storage[range.lowerBound] {
    case UInt8(ascii: "{"): .object
    case UInt8(ascii: "["): .array
    case UInt8(ascii: "\""): .string
    case UInt8(ascii: "t"), UInt8(ascii: "f"): .bool
    case UInt8(ascii: "n"): .null
    default: .number
    }
  }

  /// The text itself, without surrounding white space.
  public var bytes: ArraySlice<UInt8> { storage[range] }
  /// Where the value starts in the text that was read, for messages about files.
  public var offset: Int { range.lowerBound }
  /// Length of the text in bytes.
  public var count: Int { range.count }

  public static let null = JSONText(trusted: Array("null".utf8), 0..<4)
  public static let emptyObject = JSONText(trusted: Array("{}".utf8), 0..<2)
  public static let emptyArray = JSONText(trusted: Array("[]".utf8), 0..<2)
}

extension JSONText: Hashable {
  /// Equal bytes, not equal meaning: `1.0` and `1` differ.
  public static func == (one: JSONText, other: JSONText) -> Bool { one.bytes == other.bytes }
  public func hash(into hasher: inout Hasher) { hasher.combine(bytes) }
}

extension JSONText: CustomStringConvertible {
  public var description: String { String(decoding: bytes, as: UTF8.self) }
}
