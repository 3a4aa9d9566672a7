/// The id of a JSON-RPC request: a string or a 64-bit integer, repeated with the same type and value
/// in the response. Numbers keep their literal, so `9007199254740993` comes back exactly.
public enum RequestID: Sendable, Hashable {
  case string(String)
  case integer(Int64)

  /// Nil for anything else: null, fractions, exponents, booleans, arrays, objects.
  public init?(_ text: JSONText) {
    switch text.kind {
    case .string:
      guard let string = text.string else { return nil }
      self = .string(string)
    case .number:
      guard let number = Int64(text.description) else { return nil }
      self = .integer(number)
    default: return nil
    }
  }

  public var text: JSONText {
    switch self {
    case .string(let string): JSONText(string: string)
    case .integer(let number): JSONText(Int(number))
    }
  }
}
