import CryptoExtras
import Foundation
import JWTKit

@testable import Authorization

/// An authorization server as far as tokens go: keys of every kind, and tokens signed with them.
/// Headers and claims are raw JSON, so that they can be wrong in any way.
struct Issuer: Sendable {
  static let name = "https://auth.example.com/realm"
  static let resource = "https://mcp.example.com/mcp"

  private let signers: [String: any JWTAlgorithm]
  /// The members of each published key but its `kid`.
  private let published: [String: String]

  init() async throws {
    let (p256, p384, p521) = (ES256PrivateKey(), ES384PrivateKey(), ES512PrivateKey())
    let ed = try EdDSA.PrivateKey(curve: .ed25519)
    let rsa = try Self.rsa.get()
    let keys = JWTKeyCollection()
    await keys.add(ecdsa: p256, kid: "ES256").add(ecdsa: p384, kid: "ES384")
    await keys.add(ecdsa: p521, kid: "ES512").add(eddsa: ed, kid: "EdDSA")
    await keys.add(rsa: rsa, digestAlgorithm: .sha256, kid: "RS256")
    await keys.add(rsa: rsa, digestAlgorithm: .sha384, kid: "RS384")
    await keys.add(rsa: rsa, digestAlgorithm: .sha512, kid: "RS512")
    await keys.add(pss: rsa, digestAlgorithm: .sha256, kid: "PS256")
    await keys.add(pss: rsa, digestAlgorithm: .sha384, kid: "PS384")
    await keys.add(pss: rsa, digestAlgorithm: .sha512, kid: "PS512")
    await keys.add(
      hmac: "a-secret-that-is-long-enough-for-all", digestAlgorithm: .sha256, kid: "HS256")
    var signers: [String: any JWTAlgorithm] = [:]
    for name in Self.algorithms + ["HS256"] {
      signers[name] = try await keys.getKey(for: JWKIdentifier(string: name), alg: name)
    }
    self.signers = signers
    let numbers = try rsa.publicKey.getKeyPrimitives()
    let edX = Base64URL.encode(ed.publicKey.rawRepresentation)
    published = [
      "ES256": Self.ec(p256.parameters, "P-256"), "ES384": Self.ec(p384.parameters, "P-384"),
      "ES512": Self.ec(p521.parameters, "P-521"),
      "EdDSA": #""kty":"OKP","crv":"Ed25519","x":"\#(edX)""#,
      // No `alg`: to be used with any of the family.
      "RSA":
        #""kty":"RSA","use":"sig","n":"\#(Base64URL.encode(numbers.modulus))","#
        + #""e":"\#(Base64URL.encode(numbers.publicExponent))""#,
    ]
  }

  static let algorithms = SignatureAlgorithm.allCases.map(\.rawValue)

  /// Making an RSA key takes a while; one is enough for all tests.
  private static let rsa = Result {
    try Insecure.RSA.PrivateKey(backing: _RSA.Signing.PrivateKey(keySize: .bits2048))
  }

  private static func ec(_ point: ECDSAParameters?, _ curve: String) -> String {
    func url(_ text: String?) -> String {
      (text ?? "").replacingOccurrences(of: "+", with: "-")
        .replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
    }
    return #""kty":"EC","crv":"\#(curve)","x":"\#(url(point?.x))","y":"\#(url(point?.y))""#
  }

  /// The key that verifies `algorithm`.
  static func keyID(_ algorithm: String) -> String {
    algorithm.hasPrefix("RS") || algorithm.hasPrefix("PS") ? "RSA" : algorithm
  }

  /// The published set, or a part of it under other names.
  func keySet(_ ids: [String: String]? = nil, more: String = "") -> [UInt8] {
    let ids = ids ?? Dictionary(uniqueKeysWithValues: published.keys.map { ($0, $0) })
    let keys = ids.map { #"{\#(published[$0.key] ?? ""),"kid":"\#($0.value)"}"# }
    return Array(
      #"{"keys":[\#((keys + (more.isEmpty ? [] : [more])).joined(separator: ","))]}"#.utf8)
  }

  static func claims(
    iss: String = #""\#(name)""#, aud: String = #""\#(resource)""#, sub: String = #""alice""#,
    exp: String = "2000", more: String = ""
  ) -> String {
    #"{"iss":\#(iss),"aud":\#(aud),"sub":\#(sub),"exp":\#(exp),"scope":"files tools"\#(more)}"#
  }

  func token(
    _ claims: String = claims(), by algorithm: String = "ES256", header: String? = nil
  ) throws -> [UInt8] {
    let header =
      header ?? #"{"alg":"\#(algorithm)","typ":"at+jwt","kid":"\#(Self.keyID(algorithm))"}"#
    let text = Base64URL.encode(header.utf8) + "." + Base64URL.encode(claims.utf8)
    guard let signer = signers[algorithm] else { throw CocoaError(.featureUnsupported) }
    let signature = try signer.sign(Array(text.utf8))
    return Array("\(text).\(Base64URL.encode(signature))".utf8)
  }
}
