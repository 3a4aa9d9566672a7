/// A message of the OpenTelemetry protocol, said once for both of its encodings: a field has its
/// number in protobuf and its name in JSON (opentelemetry-proto 1.x).
struct OTLPMessage: Sendable, Hashable {
  indirect enum Value: Sendable, Hashable {
    case string(String)
    /// Identifiers of traces and spans: bytes in protobuf, hexadecimal in JSON.
    case identifier([UInt8])
    case fixed64(UInt64)
    case int64(Int64)
    case enumeration(Int)
    case bool(Bool)
    case double(Double)
    case message(OTLPMessage)
    case messages([OTLPMessage])
    case fixed64s([UInt64])
    case doubles([Double])
  }

  struct Field: Sendable, Hashable {
    let number: Int
    let name: String
    let value: Value
  }

  private(set) var fields: [Field] = []

  init(_ fields: [(Int, String, Value)]) {
    self.fields = fields.map { Field(number: $0.0, name: $0.1, value: $0.2) }
  }

  mutating func add(_ number: Int, _ name: String, _ value: Value?) {
    if let value { fields.append(Field(number: number, name: name, value: value)) }
  }
}
