import JWTKit
import Wire

/// The public keys of an issuer (RFC 7517), read strictly and ready to verify.
///
/// jwt-kit does the mathematics of one key at a time. Which key may verify which token is decided
/// here: its own collection of keys falls back to another key where a `kid` is unknown.
public struct KeySet: Sendable {
  public static let largest = 256 << 10
  static let mostKeys = 64

  private struct Entry: Sendable {
    let id: String?
    let algorithm: SignatureAlgorithm
    let verifier: any JWTAlgorithm
  }

  private let entries: [Entry]

  /// Why a text is no set of keys; `path` is a JSON path into it.
  public struct Flaw: Error, Sendable, Hashable, CustomStringConvertible {
    public let path: String
    public let message: String
    public var description: String { "\(path): \(message)" }
  }

  /// Keys for other purposes and of unknown kinds are left out, as RFC 7517 section 5 has it; a set
  /// without any that can be used is refused.
  public init(_ bytes: [UInt8]) async throws(Flaw) {
    let text: JSONText
    do throws(JSONProblem) {
      text = try JSONText(
        validating: bytes,
        limits: JSONLimits(maximumBytes: Self.largest, maximumDepth: 16, maximumValues: 10_000))
    } catch { throw Flaw(path: "$", message: "\(error)") }
    guard let keys = text["keys"], keys.kind == .array else {
      throw Flaw(path: "$.keys", message: "an array of keys is missing")
    }
    guard keys.elements.count <= Self.mostKeys else {
      throw Flaw(path: "$.keys", message: "more than \(Self.mostKeys) keys")
    }
    var entries: [Entry] = []
    for (index, key) in keys.elements.enumerated() {
      guard Self.isForSignatures(key) else { continue }
      do { entries += try await Self.entries(of: key) } catch {
        throw Flaw(path: "$.keys[\(index)]", message: "the key cannot be used: \(error)")
      }
    }
    guard !entries.isEmpty else {
      throw Flaw(path: "$.keys", message: "no key that verifies signatures of a known kind")
    }
    self.entries = entries
  }

  private static func isForSignatures(_ key: JSONText) -> Bool {
    if let use = key["use"], use.string != "sig" { return false }
    guard let operations = key["key_ops"] else { return true }
    return operations.elements.contains { $0.string == "verify" }
  }

  private static func entries(of key: JSONText) async throws -> [Entry] {
    let possible = SignatureAlgorithm.of(
      keyType: key["kty"]?.string ?? "", curve: key["crv"]?.string)
    let named = key["alg"]?.string
    var found: [Entry] = []
    for algorithm in possible where named == nil || named == algorithm.rawValue {
      found.append(
        Entry(
          id: key["kid"]?.string, algorithm: algorithm,
          verifier: try await verifier(key, algorithm)))
    }
    return found
  }

  /// From the public members alone: a private key in a published set is not our business to use.
  private static func verifier(
    _ key: JSONText, _ algorithm: SignatureAlgorithm
  ) async throws -> any JWTAlgorithm {
    let id = JWKIdentifier(string: "key")
    let named = JWK.Algorithm(rawValue: algorithm.rawValue)
    let curve = key["crv"]?.string ?? ""
    let jwk =
      switch algorithm {
      case .rs256, .rs384, .rs512, .ps256, .ps384, .ps512:
        JWK.rsa(
          named, identifier: id, modulus: key["n"]?.string, exponent: key["e"]?.string)
      case .es256, .es384, .es512:
        JWK.ecdsa(
          named, identifier: id, x: key["x"]?.string, y: key["y"]?.string,
          curve: ECDSACurve(rawValue: curve))
      case .edDSA:
        JWK.octetKeyPair(
          named, identifier: id, x: key["x"]?.string, y: nil, curve: EdDSACurve(rawValue: curve))
      }
    return try await JWTKeyCollection().add(jwk: jwk).getKey(for: id, alg: algorithm.rawValue)
  }

  /// Whether a token that names `id` can be judged with these keys.
  func knows(_ id: String?) -> Bool { id == nil || entries.contains { $0.id == id } }

  /// Whether `signature` over `text` was made with the key that the token's header names. Without
  /// a `kid` there must be only one candidate: trying all keys would let any of them speak for any.
  func verifies(_ signature: [UInt8], over text: [UInt8], by header: TokenHeader) -> Bool {
    let candidates = entries.filter {
      $0.algorithm == header.algorithm && (header.keyID == nil || $0.id == header.keyID)
    }
    guard candidates.count == 1, let key = candidates.first else { return false }
    // jwt-kit throws for a signature of impossible form: it is no signature of this text.
    return (try? key.verifier.verify(signature, signs: text)) ?? false
  }
}
