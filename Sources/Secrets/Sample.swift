/// Values that look like credentials and never were: made by a fixed rule, so that examples are
/// the same in every run and no source file holds a complete token.
enum Sample {
  /// `count` characters of a class, the same for the same arguments.
  static func text(_ characters: CharacterClass, _ count: Int, seed: UInt64 = 1) -> String {
    let alphabet = characters.characters
    var state = seed &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(count)
    let bytes = (0..<count).map { _ -> UInt8 in
      // SplitMix64.
      state &+= 0x9E37_79B9_7F4A_7C15
      var word = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
      word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
      return alphabet[Int((word ^ word >> 31) % UInt64(alphabet.count))]
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// A token of GitHub's kind with its checksum.
  static func github(_ prefix: String, _ count: Int = 30) -> String {
    let body = text(.alnum, count)
    return prefix + body + String(decoding: Checksum.base62(body.utf8), as: UTF8.self)
  }

  /// `text` with `checksum` of it appended.
  static func sealed(_ text: String, by checksum: ([UInt8]) -> [UInt8]) -> String {
    text + String(decoding: checksum(Array(text.utf8)), as: UTF8.self)
  }

  /// An Azure key of `count` decoded bytes with its mark in the middle and Marvin32 at the end.
  static func azure(_ mark: String, at position: Int, bytes count: Int, seed: String) -> String {
    let digits = (count - 4) * 8 / 6
    let body = text(.alnum, position) + mark
    let filled = body + text(.alnum, max(0, digits + 2 - body.utf8.count))
    let payload = Base64.decode(Array(filled.utf8)[...]).prefix(count - 4)
    let sum = Checksum.marvin32(payload[...], seed: seed)
    let tail = (0..<4).map { UInt8(truncatingIfNeeded: sum >> UInt32($0 * 8)) }
    let encoded = String(decoding: Base64.encode(Array(payload) + tail), as: UTF8.self)
    return encoded + String(repeating: "=", count: (4 - encoded.utf8.count % 4) % 4)
  }

  static func base64(_ text: String) -> String {
    String(decoding: Base64.encode(Array(text.utf8)), as: UTF8.self)
  }

  static func uuid(seed: UInt64 = 1) -> String {
    [8, 4, 4, 4, 12].map { text(.lowerHex, $0, seed: seed) }.joined(separator: "-")
  }

  /// A token with this header and payload.
  static func jwt(
    _ header: String = #"{"alg":"HS256","typ":"JWT"}"#,
    payload: String = #"{"sub":"u-71","iat":1700000000}"#
  ) -> String {
    let parts = [header, payload].map { text in
      String(decoding: Base64.encode(Array(text.utf8), urlSafe: true), as: UTF8.self)
    }
    return parts.joined(separator: ".") + "." + text(.base64url, 43)
  }

  /// A key in armour, cut into lines.
  static func armour(_ label: String, lineEnd: String = "\n", body: String? = nil) -> String {
    let body = body ?? "MIIE" + text(.base64, 60) + lineEnd + text(.base64, 64)
    return ["-----BEGIN \(label)-----", body, "-----END \(label)-----"].joined(separator: lineEnd)
  }
}
