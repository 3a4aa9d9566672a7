import Wire

/// Proof that the rules allow this call. Only ``RuleSet`` can make one, and only a permitted call
/// reaches a server.
public struct Permit: Sendable, Hashable {
  public let call: Call
  /// The rule that allowed it, for the record.
  public let rule: String

  init(_ call: Call, by rule: String) {
    self.call = call
    self.rule = rule
  }
}
