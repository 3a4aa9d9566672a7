/// Why a request is not let in. The texts go to the client: they hold nothing of a token, and
/// nothing that a stranger could use to tell a near miss from a wild guess at a static token.
public enum AuthorizationFailure: Error, Sendable, Hashable {
  /// No credentials. RFC 6750 section 3.1: then there is no error code either.
  case missing
  /// Credentials shown twice, or in a place where they end up in logs.
  case malformed(String)
  /// Wrong, expired, or for somebody else.
  case invalid(String)
  /// A good token that grants too little; what would be enough.
  case insufficientScope([String])
  /// It cannot be judged now: the issuer's keys are out of reach.
  case unavailable(String)
}
