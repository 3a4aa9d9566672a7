import CryptoExtras
import FoundationEssentials
import SwiftASN1
@_spi(FixedExpiryValidationTime) import X509

/// Certificates that may vouch for a signing key: roots from the policy, intermediates from wherever
/// they come, since they prove nothing by themselves.
struct CertificateTrust: Sendable {
  let roots: [Certificate]
  let intermediates: [Certificate]

  static let mostCertificates = 10

  /// Certificates out of a file of the policy.
  static func certificates(_ material: KeyMaterial) throws(Rejection) -> [Certificate] {
    let found = try certificates(pem: material.bytes(), as: .keyUnusable, material.name)
    guard !found.isEmpty else {
      throw Rejection(.keyUnusable, "\(material.name) holds no certificate")
    }
    return found
  }

  static func certificates(
    pem: [UInt8], as code: RejectionCode, _ name: String
  ) throws(Rejection) -> [Certificate] {
    let blocks: [PEMBlock]
    do throws(PEMFlaw) { blocks = try PEMBlock.all(in: pem, atMost: mostCertificates) } catch {
      throw Rejection(code, "\(name): \(error)")
    }
    var found: [Certificate] = []
    for block in blocks {
      guard block.label == "CERTIFICATE", let certificate = try? Certificate(derEncoded: block.der)
      else { throw Rejection(code, "\(name) holds something that is no certificate") }
      found.append(certificate)
    }
    return found
  }

  private static let longestChain = 4

  /// Passes if a chain leads from the leaf to a root, all of it valid at `time` (nil: now) and meant
  /// for signing code.
  func validate(
    _ leaf: Certificate, chain: [Certificate], at time: Date?
  ) async throws(Rejection) {
    // The search for a path has no bound of its own: certificates that all sign each other would keep
    // it busy for as long as there are orders of them.
    guard chain.count <= Self.longestChain, Set(chain.map(\.subject)).count == chain.count else {
      throw Rejection(
        .certificateInvalid,
        "the certificate comes with more than \(Self.longestChain) others, or with two of one name")
    }
    let expiry = time.map { RFC5280Policy(fixedExpiryValidationTime: $0) } ?? RFC5280Policy()
    var verifier = Verifier(rootCertificates: CertificateStore(roots)) {
      expiry
      CodeSigningPolicy()
    }
    let result = await verifier.validate(
      leaf: leaf, intermediates: CertificateStore(intermediates + chain))
    guard case .couldNotValidate(let failures) = result else { return }
    let reasons = failures.prefix(3).map { "\($0.policyFailureReason)" }.joined(separator: "; ")
    throw Rejection(
      .certificateInvalid,
      "no chain leads from the certificate to a root of the policy"
        + (reasons.isEmpty ? "" : " (\(reasons))"))
  }
}

/// The leaf must be for signing code, intermediates must not be for something else, and no
/// certificate may be signed with a broken hash. RFC5280Policy asks for none of these.
private struct CodeSigningPolicy: VerifierPolicy {
  let verifyingCriticalExtensions: [ASN1ObjectIdentifier] = [
    .X509ExtensionID.extendedKeyUsage, .X509ExtensionID.subjectAlternativeName,
  ]

  private static let algorithms: Set<Certificate.SignatureAlgorithm> = [
    .ecdsaWithSHA256, .ecdsaWithSHA384, .ecdsaWithSHA512, .sha256WithRSAEncryption,
    .sha384WithRSAEncryption, .sha512WithRSAEncryption, .ed25519,
  ]

  mutating func chainMeetsPolicyRequirements(
    chain: UnverifiedCertificateChain
  ) async -> PolicyEvaluationResult {
    // A root is trusted for its key, whatever signed it.
    for certificate in chain.dropLast()
    where !Self.algorithms.contains(certificate.signatureAlgorithm) {
      return .failsToMeetPolicy(reason: "a certificate is signed with a weak algorithm")
    }
    guard Self.usages(chain.leaf)?.contains(.codeSigning) == true else {
      return .failsToMeetPolicy(reason: "the certificate is not for signing code")
    }
    for certificate in chain.dropFirst().dropLast() {
      guard let usages = Self.usages(certificate) else { continue }
      guard usages.contains(.codeSigning) || usages.contains(.any) else {
        return .failsToMeetPolicy(reason: "an intermediate certificate is not for signing code")
      }
    }
    return .meetsPolicy
  }

  /// Nil where the certificate does not limit its use; empty where it says so unreadably.
  private static func usages(_ certificate: Certificate) -> [ExtendedKeyUsage.Usage]? {
    do { return try certificate.extensions.extendedKeyUsage.map { Array($0) } } catch { return [] }
  }
}
