import Crypto
import FoundationEssentials

/// The shared secret that a client shows in `Authorization: Bearer`. It prints as dots, so that it
/// cannot slip into a log.
public struct BearerToken: Sendable, CustomStringConvertible, CustomDebugStringConvertible {
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
    let text = Data(bytes).base64EncodedString()
    return BearerToken(base64: text)
  }

  private init(base64: String) {
    secret = String(
      base64.compactMap { character in
        switch character {
        case "+": "-"
        case "/": "_"
        case "=": nil
        default: character
        }
      })
  }

  public var description: String { "•••" }
  public var debugDescription: String { description }
}

/// Says who sends a request.
public struct Authenticator: Sendable {
  private let digest: SHA256.Digest?

  private init(digest: SHA256.Digest?) { self.digest = digest }

  /// Only who shows `token` gets in.
  public static func requiring(_ token: BearerToken) -> Authenticator {
    Authenticator(digest: SHA256.hash(data: Array(token.secret.utf8)))
  }

  /// Everybody gets in. Weakens security: any program that reaches the port can call tools.
  public static let allowUnauthenticated = Authenticator(digest: nil)

  public var requiresToken: Bool { digest != nil }

  /// The identity behind the `Authorization` lines of a request; nil if they do not suffice.
  ///
  /// Digests are compared, in constant time, so that neither content nor length of the token shows
  /// in the time the answer takes.
  func identity(authorization: [String]) -> String? {
    guard let digest else { return "anonymous" }
    guard authorization.count == 1, let credentials = Self.bearer(authorization[0]) else {
      return nil
    }
    return SHA256.hash(data: credentials) == digest ? "token" : nil
  }

  /// RFC 6750: the scheme in any case, spaces, the token.
  private static func bearer(_ value: String) -> [UInt8]? {
    let parts = value.utf8.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: true)
    guard parts.count == 2, String(decoding: parts[0], as: UTF8.self).lowercased() == "bearer"
    else { return nil }
    return Array(parts[1])
  }
}
