import Crypto
import Wire

/// Digests that say whether two values are the same and, to one without the key, nothing else:
/// a plain digest of `yes`, of a PIN or of a path is found by trying.
struct KeyedDigest: Sendable {
  /// 128 bits, half of what HMAC gives (RFC 2104 section 5): nobody needs to find collisions here,
  /// who has no key.
  private static let length = 16

  /// Has read the key; a copy of it goes on from there, which saves two of four hash blocks.
  private let keyed: HMAC<SHA256>

  init(_ key: SymmetricKey) { keyed = HMAC(key: key) }

  func callAsFunction(_ bytes: ArraySlice<UInt8>) -> some Sequence<UInt8> {
    var code = keyed
    code.update(data: bytes)
    return code.finalize().prefix(Self.length)
  }
}
