/// Tokens printed in vendors' documentation that look like any other. Kept as CRC-32, so that no
/// source file holds a complete token; a real token is one of them once in a billion.
enum DocumentedExamples {
  private static let sums: Set<UInt32> = [
    0x776D_E070,  // Stripe: the secret key of the API reference
    0x396D_8142,  // Stripe: the secret key of older guides
    0x6AF4_29E6,  // RFC 7617: Aladdin's open sesame
    0x361E_3D91,  // RFC 6749: the client of its examples
    0xB919_F730,  // PyJWT's introduction
    0x5110_7E01,  // pip: a password with percent-encoding
  ]

  static func contains(_ token: ArraySlice<UInt8>) -> Bool {
    sums.contains(Checksum.crc32(token))
  }
}
