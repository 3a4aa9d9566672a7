import Wire

extension OTLPMessage {
  /// The JSON encoding: that of proto3, but for identifiers, which are hexadecimal (OTLP, JSON
  /// Protobuf Encoding).
  var json: JSONText {
    JSONText(object: fields.map { ($0.name, Self.json($0.value)) })
  }

  private static func json(_ value: Value) -> JSONText {
    switch value {
    case .string(let text): JSONText(string: text)
    case .identifier(let bytes): JSONText(string: bytes.map(digits).joined())
    // JavaScript's numbers do not hold 64 bits.
    case .fixed64(let number): JSONText(string: String(number))
    case .int64(let number): JSONText(string: String(number))
    case .enumeration(let number): JSONText(number)
    case .bool(let truth): JSONText(truth)
    case .double(let number): json(number)
    case .message(let message): message.json
    case .messages(let messages): JSONText(array: messages.map(\.json))
    case .fixed64s(let numbers): JSONText(array: numbers.map { JSONText(string: String($0)) })
    case .doubles(let numbers): JSONText(array: numbers.map(json))
    }
  }

  private static func json(_ number: Double) -> JSONText {
    (try? JSONText(validating: "\(number)")) ?? JSONText(string: "\(number)")
  }

  private static func digits(_ byte: UInt8) -> String {
    let text = String(byte, radix: 16)
    return text.count == 1 ? "0" + text : text
  }
}
