import Wire

/// What a format knows about itself beyond its characters. Checks remove nearly all false alarms.
public enum Check: Sendable, Hashable {
  case none
  /// The last 6 are the CRC-32 in base 62 of all between the first `_` and them (GitHub).
  case base62OfBody
  /// The last 6 are the CRC-32 in base 62 of all before them (Deno).
  case base62OfAll
  /// The last 8 are the CRC-32 in hex of the characters behind the `_` (Cloudflare).
  case hexOfBody
  /// The last 8, behind a `_`, are the CRC-32 in hex of the part between the two `_` (Zuplo).
  case hexOfMiddle
  /// The last 8, behind a `_`, are the CRC-32 in little-endian hex of all before (Grafana).
  case littleEndianHexOfAll
  /// The last 4 of the decoded bytes are their Marvin32 under one of these seeds (Azure).
  case marvin32(seeds: [String])
  case bech32
  /// The token holds this text.
  case contains(String)
  /// Base64 of `user:password` behind the anchor.
  case basicCredentials
  /// Letters of both cases: a git digest or a word has only one.
  case mixedCase
  /// Base64 of a key behind the anchor.
  case keyMaterial

  /// Whether the check proves the token, so that neighbours and randomness need not be judged.
  var isProof: Bool {
    switch self {
    case .none, .contains, .basicCredentials, .mixedCase: false
    default: true
    }
  }

  /// `body` is the part of `token` behind the anchor.
  func accepts(_ token: ArraySlice<UInt8>, body: ArraySlice<UInt8>) -> Bool {
    switch self {
    case .none: true
    case .base62OfBody:
      token.suffix(6).elementsEqual(Checksum.base62(Self.body(token).dropLast(6)))
    case .base62OfAll: token.suffix(6).elementsEqual(Checksum.base62(token.dropLast(6)))
    case .hexOfBody: token.suffix(8).elementsEqual(Checksum.hex(Self.body(token).dropLast(8)))
    case .hexOfMiddle: token.suffix(8).elementsEqual(Checksum.hex(Self.body(token).dropLast(9)))
    case .littleEndianHexOfAll:
      token.suffix(8).elementsEqual(Checksum.littleEndianHex(token.dropLast(9)))
    case .marvin32(let seeds): Self.isMarked(token, seeds)
    case .bech32: Checksum.isBech32(token)
    case .contains(let text): token.contains(text)
    case .basicCredentials: Self.isBasicCredentials(body)
    case .keyMaterial: Placeholder.isKeyMaterial(body)
    case .mixedCase:
      token.contains { (0x41...0x5A).contains($0) } && token.contains { (0x61...0x7A).contains($0) }
    }
  }

  /// What stands behind the first `_`.
  private static func body(_ token: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    token.drop { $0 != UInt8(ascii: "_") }.dropFirst()
  }

  private static func isMarked(_ token: ArraySlice<UInt8>, _ seeds: [String]) -> Bool {
    let decoded = Base64.decode(token)
    guard decoded.count > 4 else { return false }
    let mark = decoded.suffix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    return seeds.contains { Checksum.marvin32(decoded.dropLast(4), seed: $0) == mark }
  }

  private static func isBasicCredentials(_ token: ArraySlice<UInt8>) -> Bool {
    let decoded = Base64.decode(token)
    guard let colon = decoded.firstIndex(of: UInt8(ascii: ":")), colon > 0,
      decoded.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }),
      (try? UTF8Span(validating: decoded.span)) != nil
    else { return false }
    let password = decoded[(colon + 1)...]
    return password.count >= 4
      && !Placeholder.isTrivialPassword(password, user: decoded[..<colon])
  }
}

extension ArraySlice<UInt8> {
  /// Whether `text` occurs, byte for byte.
  func contains(_ text: String) -> Bool {
    let wanted = Array(text.utf8)
    guard let first = wanted.first, count >= wanted.count else { return wanted.isEmpty }
    return (startIndex...(endIndex - wanted.count)).contains {
      self[$0] == first && self[$0..<$0 + wanted.count].elementsEqual(wanted)
    }
  }

  /// ASCII letters in lower case, everything else as it is.
  var lowercased: ArraySlice<UInt8> {
    map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }[...]
  }
}
