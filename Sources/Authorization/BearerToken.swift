/// A secret that a client shows in `Authorization: Bearer`. It prints as dots, so that it cannot
/// slip into a log.
public struct BearerToken: Sendable, CustomStringConvertible, CustomDebugStringConvertible {
  /// 16 characters of a decent alphabet are out of reach of guessing over a network.
  public static let shortest = 16

  /// For the person who has to configure a client; for nothing else.
  public let secret: String

  /// Nil unless `secret` can be sent in a header: visible ASCII, not empty.
  public init?(_ secret: String) {
    guard !secret.isEmpty, secret.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      return nil
    }
    self.secret = secret
  }

  /// A new token of 256 random bits, as base64url without padding.
  public static func random() -> BearerToken {
    var generator = SystemRandomNumberGenerator()
    let bytes = (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }
    return BearerToken(unchecked: Base64URL.encode(bytes))
  }

  private init(unchecked secret: String) { self.secret = secret }

  public var description: String { "•••" }
  public var debugDescription: String { description }
}
