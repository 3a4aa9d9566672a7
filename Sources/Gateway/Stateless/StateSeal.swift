import Crypto
import FoundationEssentials
import Wire

/// What a `requestState` is bound to: who asks for what. The same client with other arguments, and
/// another client with the same, hold a worthless text.
struct ParkedRequest: Sendable, Hashable {
  let identity: String
  let method: String
  /// The exposed name or URI.
  let target: String
  /// All that is asked.
  let arguments: JSONText

  init(identity: String, method: Call.Method, params: JSONText) {
    self.identity = identity
    self.method = method.rawValue
    target = CallRequest.name(method, params)
    arguments = params["arguments"] ?? .emptyObject
  }

  /// Lengths go in front, so that no two requests have the same bytes.
  fileprivate var digest: SHA256.Digest {
    var hash = SHA256()
    for part in [
      Array(identity.utf8), Array(method.utf8), Array(target.utf8), Array(arguments.bytes),
    ] {
      hash.update(data: Array("\(part.count):".utf8))
      hash.update(data: part)
    }
    return hash.finalize()
  }
}

/// Seals the tickets of parked calls. A `requestState` comes back from a client, which may have read
/// it, kept it, changed it or got it from somebody else (MCP 2026-07-28: attacker-controlled).
struct StateSeal: Sendable {
  /// Lives as long as the calls that it leads to: in this process.
  private let key = SymmetricKey(size: .bits256)

  func seal(_ ticket: String, for request: ParkedRequest) -> String {
    // Fails for a nonce of the wrong size alone, and the nonce is made by the function itself.
    let box = try? ChaChaPoly.seal(
      Array(ticket.utf8), using: key, authenticating: Array(request.digest))
    return (box?.combined ?? Data()).base64EncodedString()
  }

  /// Nil for whatever was not sealed here for exactly this request.
  func open(_ text: String, for request: ParkedRequest) -> String? {
    guard text.utf8.count <= 1_024, let data = Data(base64Encoded: text),
      let box = try? ChaChaPoly.SealedBox(combined: data),
      let ticket = try? ChaChaPoly.open(box, using: key, authenticating: Array(request.digest))
    else { return nil }
    return String(validating: ticket, as: UTF8.self)
  }
}
