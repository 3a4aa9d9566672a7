/// A compressed data packet (RFC 4880 section 5.6) that is all of a blob. Signatures are usually
/// wrapped in one, and GnuPG reads no further than its compressed content: text after it, or a whole
/// second message, would be part of the file and of no signature.
enum CompressedPacket {
  /// Passes if the blob is no compressed packet, or one that ends where its content ends.
  static func checkEnd(of blob: [UInt8]) throws(Rejection) {
    guard let first = blob.first, let body = try body(of: blob, first) else { return }
    guard let algorithm = body.first else { throw malformed }
    let content = body.dropFirst()
    do throws(DeflateWalk.Flaw) {
      switch algorithm {
      case 1: guard try end(content) == content.endIndex else { throw .malformed }
      case 2:
        // RFC 1950: two bytes before the stream, a checksum of four after it.
        guard content.count > 6, try end(content.dropFirst(2)) + 4 == content.endIndex else {
          throw .malformed
        }
      // bzip2: nobody's default; GnuPG alone judges it.
      case 3: return
      default: throw .malformed
      }
    } catch {
      throw error == .tooLong
        ? Rejection(
          .tooLarge, "the signature holds more than \(SignedPayload.largest) bytes") : malformed
    }
  }

  /// The payload, and what OpenPGP puts around it.
  private static let largest = SignedPayload.largest + 64 << 10

  private static func end(_ stream: ArraySlice<UInt8>) throws(DeflateWalk.Flaw) -> Int {
    try DeflateWalk.end(of: stream, limit: largest)
  }

  private static var malformed: Rejection {
    Rejection(.malformedSignature, "there is something after the OpenPGP message, or it is cut off")
  }

  /// The content of the first packet; nil if it is no compressed one.
  private static func body(of blob: [UInt8], _ first: UInt8) throws(Rejection) -> ArraySlice<UInt8>?
  {
    switch first {
    case 0xA0...0xA2:
      let size = 1 << Int(first & 3)
      guard blob.count > 1 + size else { throw malformed }
      let length = blob[1...size].reduce(0) { $0 << 8 | Int($1) }
      guard length == blob.count - 1 - size else { throw malformed }
      return blob[(1 + size)...]
    case 0xA3: return blob.dropFirst()
    case 0xC8: return try newFormatBody(blob)[...]
    default: return nil
    }
  }

  /// Lengths of the new format, in parts where it was not known beforehand (section 4.2.2).
  private static func newFormatBody(_ blob: [UInt8]) throws(Rejection) -> [UInt8] {
    var rest = blob.dropFirst()
    var body: [UInt8] = []
    while let first = rest.popFirst() {
      var length = Int(first)
      var isPart = false
      switch first {
      case 0..<192: break
      case 192..<224:
        guard let second = rest.popFirst() else { throw malformed }
        length = (length - 192) << 8 + Int(second) + 192
      case 224..<255:
        length = 1 << (length & 31)
        isPart = true
      default:
        guard rest.count >= 4 else { throw malformed }
        length = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
        rest = rest.dropFirst(4)
      }
      guard length <= rest.count else { throw malformed }
      body += rest.prefix(length)
      rest = rest.dropFirst(length)
      guard isPart || rest.isEmpty else { throw malformed }
      if !isPart { return body }
    }
    throw malformed
  }
}
