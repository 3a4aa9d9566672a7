/// Several messages in one array. Only protocol version 2025-03-26 has them; each is a message like
/// any other, and one that cannot be read spoils no other.
public struct MessageBatch: Sendable {
  public static let most = 100

  public let messages: [Result<Message, MessageProblem>]

  /// Whether `bytes` might be a batch, and is certainly no single message.
  public static func looksLike(_ bytes: [UInt8]) -> Bool {
    bytes.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) } == UInt8(ascii: "[")
  }

  public init(_ bytes: [UInt8], limits: JSONLimits = .fromClient) throws(MessageProblem) {
    let elements: [JSONText]
    do { elements = try JSONText(validating: bytes, limits: limits).elements } catch {
      let reason: RPCError =
        error.isWellFormedButRefused
        ? .invalidRequest(error.description) : .parse(error.description)
      throw MessageProblem(id: nil, error: reason)
    }
    guard (1...Self.most).contains(elements.count) else {
      throw MessageProblem(
        id: nil, error: .invalidRequest("a batch has 1 to \(Self.most) messages"))
    }
    messages = elements.map { element in
      Result { () throws(MessageProblem) in try Message(element) }
    }
  }

  /// Responses as one array on one line.
  public static func encoded(_ responses: [Message]) -> [UInt8] {
    var line: [UInt8] = [UInt8(ascii: "[")]
    for (index, response) in responses.enumerated() {
      if index > 0 { line.append(UInt8(ascii: ",")) }
      line += response.encoded
    }
    line.append(UInt8(ascii: "]"))
    return line
  }
}
