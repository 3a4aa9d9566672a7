import Crypto
import FoundationEssentials
import Wire

/// The signature of a hook's requests: HMAC-SHA256 over the time, a dot, and the body. The time is
/// signed so that a request that somebody recorded is old when it is sent again.
struct RequestSignature: Sendable {
  static let header = "X-MCP-Gateway-Signature"
  /// Shorter keys can be guessed.
  static let shortestKey = 16

  private let key: SymmetricKey

  init(_ secret: Secret) { key = SymmetricKey(data: Array(secret.exposed.utf8)) }

  /// `t=SECONDS,v1=HEX`.
  func value(for body: ArraySlice<UInt8>, at seconds: Int) -> String {
    var code = HMAC<SHA256>(key: key)
    code.update(data: Array("\(seconds).".utf8))
    code.update(data: body)
    let hex = code.finalize().map { byte in
      let text = String(byte, radix: 16)
      return text.count == 1 ? "0" + text : text
    }
    return "t=\(seconds),v1=\(hex.joined())"
  }
}
