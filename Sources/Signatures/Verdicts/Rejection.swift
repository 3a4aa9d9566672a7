import Wire

/// Why an image does not start. A fault of the network, a registry, a policy or a key is a rejection
/// like a wrong signature: nothing has been proven.
public struct Rejection: Error, Sendable, Hashable {
  public let code: RejectionCode
  /// What was found, for people. Words of registries and signatures are escaped and cut.
  public let message: String
  /// What to do about it, where we know.
  public let hint: String?

  private static let longestMessage = 2000

  public init(_ code: RejectionCode, _ message: String, hint: String? = nil) {
    self.code = code
    self.message = PrintableText(message, limit: Self.longestMessage).description
    self.hint = hint.map { PrintableText($0, limit: Self.longestMessage).description }
  }

  /// The same with another hint, where it has none.
  func advising(_ hint: String) -> Rejection {
    self.hint == nil ? Rejection(code, message, hint: hint) : self
  }
}

extension Rejection: CustomStringConvertible {
  /// One line, which ends in the code for programs.
  public var description: String {
    "\(message)\(hint.map { "; \($0)" } ?? "") reason=\(code.rawValue)"
  }
}

/// The stable words for why an image was rejected; docs/signatures.md lists them.
public enum RejectionCode: String, Sendable, Hashable, CaseIterable {
  case unsigned
  case untrustedKey = "untrusted-key"
  case badSignature = "bad-signature"
  case malformedSignature = "malformed-signature"
  case multipleSignatures = "multiple-signatures"
  case keyExpired = "key-expired"
  case keyRevoked = "key-revoked"
  case signatureExpired = "signature-expired"
  case weakAlgorithm = "weak-algorithm"
  case payloadInvalid = "payload-invalid"
  case digestMismatch = "digest-mismatch"
  case identityMismatch = "identity-mismatch"
  case tlogInvalid = "tlog-invalid"
  case certificateInvalid = "certificate-invalid"
  case policyReject = "policy-reject"
  case policyMissing = "policy-missing"
  case policyInvalid = "policy-invalid"
  case keyUnusable = "key-unusable"
  case configInvalid = "config-invalid"
  case badReference = "bad-reference"
  case imageNotFound = "image-not-found"
  case platformMissing = "platform-missing"
  case manifestMismatch = "manifest-mismatch"
  case registryUnreachable = "registry-unreachable"
  case registryAuth = "registry-auth"
  case registryError = "registry-error"
  case lookasideError = "lookaside-error"
  case tooLarge = "too-large"
  case tooMany = "too-many"
  case timeout
  case unsupported

  /// How far a signature got before it failed. Of several failures, the one that got furthest is
  /// the one that a person can act on.
  var progress: Int {
    switch self {
    case .identityMismatch: 9
    case .digestMismatch: 8
    case .payloadInvalid: 7
    case .tlogInvalid, .certificateInvalid: 6
    case .keyExpired, .keyRevoked, .signatureExpired, .weakAlgorithm: 5
    case .badSignature: 4
    case .untrustedKey: 3
    case .multipleSignatures: 2
    case .malformedSignature, .tooLarge, .unsupported: 1
    default: 0
    }
  }
}

extension Rejection {
  /// One rejection for many signatures that were tried: each one's own reason, the furthest last.
  static func summary(of tried: [(name: String, rejection: Rejection)]) -> Rejection? {
    let furthest = tried.enumerated().max {
      ($0.element.rejection.code.progress, -$0.offset)
        < ($1.element.rejection.code.progress, -$1.offset)
    }
    guard let furthest else { return nil }
    let last = furthest.element
    guard tried.count > 1 else { return last.rejection }
    let others = tried.enumerated().filter { $0.offset != furthest.offset }.prefix(mostQuoted)
      .map { "\($0.element.name): \($0.element.rejection.code.rawValue)" }
    let more = tried.count - 1 - others.count
    let list = others.joined(separator: ", ") + (more > 0 ? ", and \(more) more" : "")
    return Rejection(
      last.rejection.code,
      "none of \(tried.count) signatures is accepted (\(list)); \(last.name): "
        + last.rejection.message,
      hint: last.rejection.hint)
  }

  private static let mostQuoted = 8
}
