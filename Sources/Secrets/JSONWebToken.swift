import Wire

/// A JSON Web Token (RFC 7519) in compact form. The anchor is the start of its header.
enum JSONWebToken {
  private static let header = Piece.run(.base64url, 8...2048)
  private static let part = Piece.run(.base64url, 8...8192)
  private static let signature = Piece.run(.base64url, 0...2048)

  /// What is read for each anchor; behind a valid header comes the rest, once.
  static let reach = 2048

  static func match(in layer: Layer, anchor: Range<Int>) -> Range<Int>? {
    let bytes = layer.bytes
    let start = anchor.lowerBound
    guard Boundary.opens(layer, at: start, with: nil),
      let headerEnd = header.end(in: bytes, from: start), isDot(bytes, headerEnd),
      let payloadEnd = part.end(in: bytes, from: headerEnd + 1), isDot(bytes, payloadEnd),
      let end = signature.end(in: bytes, from: payloadEnd + 1)
    else { return nil }
    guard let header = object(bytes[start..<headerEnd]), let algorithm = header["alg"]?.string,
      let payload = object(bytes[(headerEnd + 1)..<payloadEnd])
    else { return nil }
    let isSigned = end - payloadEnd > 16 || algorithm.lowercased() == "none"
    return isSigned && !isPublic(payload) ? start..<end : nil
  }

  private static func isDot(_ bytes: [UInt8], _ at: Int) -> Bool {
    at < bytes.count && bytes[at] == UInt8(ascii: ".")
  }

  private static func object(_ digits: ArraySlice<UInt8>) -> JSONText? {
    guard let text = try? JSONText(validating: Base64.decode(digits)), text.kind == .object
    else { return nil }
    return text
  }

  /// Tokens that are published on purpose: the sample of jwt.io, those of the RFCs, and the key of
  /// Supabase that every browser gets.
  private static func isPublic(_ payload: JSONText) -> Bool {
    payload["sub"]?.string == "1234567890" && payload["iat"]?.int == 1_516_239_022
      || payload["iss"]?.string == "joe" && payload["exp"]?.int == 1_300_819_380
      || payload["role"]?.string == "anon" && payload["iss"]?.string == "supabase"
  }
}
