/// Why a text was refused, and where.
public struct JSONProblem: Error, Sendable, Hashable, CustomStringConvertible {
  public enum Reason: String, Sendable, Hashable, CaseIterable {
    case unexpectedEnd = "the text ends too early"
    case unexpectedByte = "a character that does not belong here"
    case trailingBytes = "more text after the value"
    case invalidUTF8 = "bytes that are not UTF-8"
    case invalidNumber = "a number that is not JSON"
    case ambiguousNumber = "a number that readers understand differently"
    case invalidEscape = "an unknown escape in a string"
    case loneSurrogate = "half of a surrogate pair"
    case controlCharacter = "an unescaped control character in a string"
    case nullCharacter = "a NUL character in a string"
    case duplicateMember = "the same member name twice in one object"
    case tooDeep = "nesting deeper than allowed"
    case tooLarge = "a text larger than allowed"
    case tooManyValues = "more values than allowed"
  }

  public let reason: Reason
  /// Byte position in the text at which reading stopped.
  public let offset: Int

  public init(_ reason: Reason, at offset: Int) {
    self.reason = reason
    self.offset = offset
  }

  public var description: String { "\(reason.rawValue) (at byte \(offset))" }

  /// Whether the reason is a single value, and not how the text is built.
  var isAboutValue: Bool {
    switch reason {
    case .ambiguousNumber, .nullCharacter, .loneSurrogate: true
    default: false
    }
  }

  /// Whether the text is in RFC 8259's grammar as far as it was read and only our limits or rules
  /// refuse it: JSON-RPC answers -32600 then, and -32700 otherwise.
  public var isWellFormedButRefused: Bool {
    switch reason {
    case .duplicateMember, .tooDeep, .tooLarge, .tooManyValues, .ambiguousNumber, .nullCharacter,
      .loneSurrogate:
      true
    case .unexpectedEnd, .unexpectedByte, .trailingBytes, .invalidUTF8, .invalidNumber,
      .invalidEscape, .controlCharacter:
      false
    }
  }
}
