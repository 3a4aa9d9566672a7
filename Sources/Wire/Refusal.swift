/// We decided no. The message is safe to show to a client: it names rules and paths, never values.
public struct Refusal: Error, Sendable, Hashable {
  /// Stable words for clients, scripts and auditors; documented in docs/errors.md.
  public enum Code: String, Sendable, Hashable, CaseIterable {
    /// The tool exists but the operator's tool filter leaves it out.
    case toolDisabled = "tool_disabled"
    /// A rule of a policy denies the call.
    case policyDenied = "policy_denied"
    /// A secret was found in what would have crossed.
    case secretFound = "secret_found"
    /// A station of the pipeline failed, so the call could not be judged.
    case interceptorFailed = "interceptor_failed"
    /// A limit on calls, sizes or containers is reached.
    case overLimit = "over_limit"
    /// The call could not be recorded, so it is not made or its answer is withheld.
    case notRecorded = "not_recorded"
  }

  public var code: Code
  /// The rule or station that decided, where there is one.
  public var rule: String?
  /// Path into arguments or result, such as `arguments.items[2].path`.
  public var path: String?
  public var message: String

  public init(_ code: Code, rule: String? = nil, path: String? = nil, message: String) {
    self.code = code
    self.rule = rule
    self.path = path
    self.message = message
  }
}
