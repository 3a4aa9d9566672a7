import Testing

@testable import Signatures

/// The decision on what GnuPG says, for outcomes that no file of ours makes it say.
struct SignatureVerdictTests {
  private static let key = "F1"
  private static let keys = [
    key: GPGKey(primaryFingerprint: "F0", algorithm: 22, bits: 256),
    "W": GPGKey(primaryFingerprint: "W", algorithm: 1, bits: 2047),
    "D": GPGKey(primaryFingerprint: "D", algorithm: 17, bits: 1024),
  ]

  private static func outcome(
    _ status: UInt32 = 0, by key: String = key, hash: UInt32 = 8, operation: UInt32 = 0
  ) -> GPGOutcome {
    GPGOutcome(
      operation: .init(operation),
      signatures: [.init(status: .init(status), fingerprint: key, hash: hash)],
      untrustedText: [1])
  }

  @Test func theSignerIsThePrimaryKey() throws {
    let verdict = try SignatureVerdict.judge(Self.outcome(), keys: Self.keys)
    #expect(verdict.signer == "F0" && verdict.text == [1])
  }

  @Test(arguments: [
    (outcome(operation: 58), RejectionCode.malformedSignature),
    (outcome(operation: 89), .malformedSignature), (outcome(operation: 99), .timeout),
    (outcome(8), .badSignature), (outcome(9), .untrustedKey), (outcome(5), .weakAlgorithm),
    (outcome(39), .badSignature), (outcome(94), .keyRevoked), (outcome(153), .keyExpired),
    (outcome(154), .signatureExpired), (outcome(1), .badSignature), (outcome(77777), .badSignature),
    (outcome(by: "F0"), .untrustedKey), (outcome(by: "f1"), .untrustedKey),
    (outcome(by: "W"), .weakAlgorithm), (outcome(by: "D"), .weakAlgorithm),
    (outcome(hash: 1), .weakAlgorithm), (outcome(hash: 2), .weakAlgorithm),
    (outcome(hash: 3), .weakAlgorithm), (outcome(hash: 0), .weakAlgorithm),
  ])
  func everyOtherOutcomeIsRefused(_ outcome: GPGOutcome, _ code: RejectionCode) {
    let rejection = #expect(throws: Rejection.self) {
      try SignatureVerdict.judge(outcome, keys: Self.keys)
    }
    #expect(rejection?.code == code)
  }

  @Test func successWithoutASignatureIsNone() {
    var outcome = Self.outcome()
    outcome.signatures = []
    #expect(throws: Rejection.self) { try SignatureVerdict.judge(outcome, keys: Self.keys) }
  }

  @Test func aSecondSignatureIsNotLookedAt() {
    var outcome = Self.outcome()
    outcome.signatures.append(outcome.signatures[0])
    let rejection = #expect(throws: Rejection.self) {
      try SignatureVerdict.judge(outcome, keys: Self.keys)
    }
    #expect(rejection?.code == .multipleSignatures)
  }

  @Test func aKeyForAnotherUseDoesNotSign() {
    for flaw in [\GPGOutcome.Signature.hasWrongKeyUsage, \.isNeverValid] {
      var outcome = Self.outcome()
      outcome.signatures[0][keyPath: flaw] = true
      #expect(throws: Rejection.self) { try SignatureVerdict.judge(outcome, keys: Self.keys) }
    }
  }
}
