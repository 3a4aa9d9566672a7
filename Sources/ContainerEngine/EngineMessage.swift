import Wire

/// The explanation in an engine's error answer: `{"message":"…"}`, or plain text from a proxy.
enum EngineMessage {
  static func text(of body: [UInt8]) -> String? {
    if let json = try? JSONText(validating: body), let message = json["message"]?.string {
      return message.isEmpty ? nil : message
    }
    let plain = String(decoding: body.prefix(Printable.longest), as: UTF8.self)
    return plain.allSatisfy(\.isWhitespace) ? nil : plain
  }
}
