import Wire

/// A token in the compact form of RFC 7515, taken apart and not yet believed.
struct SignedToken: Sendable {
  let header: TokenHeader
  let untrustedClaims: JSONText
  let signature: [UInt8]
  /// What the signature is over.
  let signedText: [UInt8]

  private static let limits = JSONLimits(
    maximumBytes: 16 << 10, maximumDepth: 16, maximumValues: 2_000)

  init(_ token: [UInt8]) throws(AuthorizationFailure) {
    let parts = token.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 3, let signature = Base64URL.decode(parts[2]), !signature.isEmpty else {
      throw .invalid("the token is not a signed JWT")
    }
    header = try TokenHeader(try Self.object(parts[0]))
    untrustedClaims = try Self.object(parts[1])
    self.signature = signature
    signedText = Array(token[..<parts[1].endIndex])
  }

  /// Read as strictly as a message: duplicate members would let two readers see two tokens.
  private static func object(_ part: ArraySlice<UInt8>) throws(AuthorizationFailure) -> JSONText {
    guard let bytes = Base64URL.decode(part),
      let text = try? JSONText(validating: bytes, limits: limits), text.kind == .object
    else { throw .invalid("the token is not a signed JWT") }
    return text
  }
}
