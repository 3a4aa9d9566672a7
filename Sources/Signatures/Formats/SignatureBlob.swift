import Wire

/// A file of a signature store, told apart by its first byte. Whatever is neither form is no
/// signature, above all armored and cleartext-signed text: GnuPG would accept those, and with them
/// text outside of the signed part.
enum SignatureBlob: Sendable, Hashable {
  case openPGP([UInt8])
  case sigstore(SigstoreAttachment)

  static let largest = 4 << 20
  /// Of all signatures that one place has for an image: they are held at the same time.
  static let mostInAll = 16 << 20

  /// Throws when `room`, less `bytes`, is used up.
  static func spend(_ bytes: Int, of room: inout Int, at place: String) throws(Rejection) {
    room -= min(bytes, mostInAll + 1)
    guard room >= 0 else {
      throw Rejection(.tooLarge, "\(place) has more than \(mostInAll) bytes of signatures")
    }
  }

  init(_ bytes: [UInt8]) throws(Rejection) {
    guard bytes.count <= Self.largest else {
      throw Rejection(.tooLarge, "the signature has more than \(Self.largest) bytes")
    }
    guard bytes.first == 0 else {
      self = .openPGP(try Self.openPGP(bytes))
      return
    }
    guard let end = bytes.prefix(Self.longestName).firstIndex(of: UInt8(ascii: "\n")) else {
      throw Rejection(.malformedSignature, "the name of the signature's form does not end")
    }
    let content = Array(bytes[(end + 1)...])
    switch String(decoding: bytes[1..<end], as: UTF8.self) {
    case "simple-signing": self = .openPGP(try Self.openPGP(content))
    case "sigstore-json": self = .sigstore(try SigstoreAttachment(json: content))
    case let other:
      throw Rejection(
        .malformedSignature, "a signature of the unknown form \"\(PrintableText(other))\"")
    }
  }

  private static let longestName = 64

  /// Tags of compressed data, one-pass signature and signature packets (RFC 4880 section 4.2), in
  /// the old and the new form.
  private static func openPGP(_ bytes: [UInt8]) throws(Rejection) -> [UInt8] {
    guard let first = bytes.first else {
      throw Rejection(.malformedSignature, "the signature is empty")
    }
    switch first {
    case 0xA0...0xA3, 0xC8, 0x90...0x92, 0xC4, 0x88...0x8B, 0xC2: return bytes
    case UInt8(ascii: "-"):
      throw Rejection(.malformedSignature, "the signature is armored or cleartext-signed")
    case UInt8(ascii: "<"):
      throw Rejection(.malformedSignature, "the signature is a page of HTML or XML")
    default:
      throw Rejection(.malformedSignature, "the signature is not in an OpenPGP format")
    }
  }
}
