extension OTLPMessage {
  /// The binary encoding (proto3). Values that are their type's default are written all the same,
  /// which every reader takes.
  var protobuf: [UInt8] {
    var bytes: [UInt8] = []
    for field in fields { Self.append(field.number, field.value, to: &bytes) }
    return bytes
  }

  private enum WireType: UInt64 {
    case varint = 0
    case fixed64 = 1
    case length = 2
  }

  private static func append(_ number: Int, _ value: Value, to bytes: inout [UInt8]) {
    func tag(_ type: WireType) { appendVarint(UInt64(number) << 3 | type.rawValue, to: &bytes) }
    func block(_ content: [UInt8]) {
      tag(.length)
      appendVarint(UInt64(content.count), to: &bytes)
      bytes += content
    }
    switch value {
    case .string(let text): block(Array(text.utf8))
    case .identifier(let content): block(content)
    case .message(let message): block(message.protobuf)
    case .messages(let messages): for message in messages { block(message.protobuf) }
    case .fixed64(let number):
      tag(.fixed64)
      bytes += number.littleEndianBytes
    case .double(let number):
      tag(.fixed64)
      bytes += number.bitPattern.littleEndianBytes
    case .int64(let number):
      tag(.varint)
      appendVarint(UInt64(bitPattern: number), to: &bytes)
    case .enumeration(let number):
      tag(.varint)
      appendVarint(UInt64(bitPattern: Int64(number)), to: &bytes)
    case .bool(let truth):
      tag(.varint)
      appendVarint(truth ? 1 : 0, to: &bytes)
    case .fixed64s(let numbers): block(numbers.flatMap(\.littleEndianBytes))
    case .doubles(let numbers): block(numbers.flatMap(\.bitPattern.littleEndianBytes))
    }
  }

  private static func appendVarint(_ value: UInt64, to bytes: inout [UInt8]) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }
}

extension UInt64 {
  fileprivate var littleEndianBytes: [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: self >> UInt64(8 * $0)) }
  }
}
