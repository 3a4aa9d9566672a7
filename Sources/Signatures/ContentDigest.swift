import Crypto
import Wire

/// The sha256 digest of some bytes, in the one spelling that counts: `sha256:` and 64 lower-case
/// hexadecimal digits. What two parties name by it is the same bytes.
public struct ContentDigest: Sendable, Hashable, CustomStringConvertible {
  public let description: String

  public init(of bytes: some Sequence<UInt8>) {
    description = "sha256:" + Hex.text(SHA256.hash(data: Array(bytes)))
  }

  /// Nil for another algorithm, length or case.
  public init?(_ text: String) {
    guard text.hasPrefix(Self.prefix), Hex.isLowerCase(text.dropFirst(7), digits: 64) else {
      return nil
    }
    description = text
  }

  private static let prefix = "sha256:"

  /// The 64 digits.
  public var hex: Substring { description.dropFirst(7) }

  /// Whether a text is the digest of an algorithm that the image formats know, well spelled. Those
  /// of other algorithms than sha256 are digests, of which we can say nothing.
  static func isWellFormed(_ text: String) -> Bool {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let digits = ["sha256": 64, "sha384": 96, "sha512": 128][parts[0]]
    else { return false }
    return Hex.isLowerCase(parts[1], digits: digits)
  }
}
