/// The password of `scheme://user:password@host`. The anchor is `://`.
enum URLPassword {
  static let longest = 512

  static func match(in layer: Layer, anchor: Range<Int>) -> Range<Int>? {
    let bytes = layer.bytes
    guard anchor.lowerBound > 0, CharacterClass.alnum.contains(bytes[anchor.lowerBound - 1])
    else { return nil }
    let limit = min(bytes.count, anchor.upperBound + longest)
    var colon: Int?
    var at = anchor.upperBound
    while at < limit, !isDelimiter(bytes[at]) {
      if bytes[at] == UInt8(ascii: "@"), let colon {
        return judge(bytes, user: anchor.upperBound..<colon, password: colon + 1..<at)
      }
      if bytes[at] == UInt8(ascii: ":"), colon == nil { colon = at }
      at += 1
    }
    return nil
  }

  private static func isDelimiter(_ byte: UInt8) -> Bool {
    switch byte {
    case 0...0x20, 0x7F, UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#"),
      UInt8(ascii: "\""), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "`"),
      UInt8(ascii: "\\"):
      true
    default: false
    }
  }

  private static func judge(
    _ bytes: [UInt8], user: Range<Int>, password: Range<Int>
  ) -> Range<Int>? {
    let host = bytes[(password.upperBound + 1)...].prefix { CharacterClass.dotted.contains($0) }
    guard password.count >= 4, !host.isEmpty, !isExample(host),
      !Placeholder.isTrivialPassword(bytes[password], user: bytes[user])
    else { return nil }
    return password
  }

  /// Hosts that RFC 2606 keeps for documentation.
  private static func isExample(_ host: ArraySlice<UInt8>) -> Bool {
    let name = String(decoding: host.lowercased, as: UTF8.self)
    let reserved = ["example", "example.com", "example.org", "example.net"]
    return reserved.contains { name == $0 || name.hasSuffix("." + $0) }
  }
}
