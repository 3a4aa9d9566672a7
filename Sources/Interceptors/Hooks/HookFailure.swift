/// A hook did not judge what it was asked about.
public struct HookFailure: Error, Sendable, Hashable {
  /// Stable words; documented in docs/interceptors.md.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// Its program, container or sandbox could not be started.
    case cannotStart = "cannot_start"
    case exitStatus = "exit_status"
    /// A signal ended it.
    case killed
    case timeout
    case outputTooLarge = "output_too_large"
    /// What it said is neither a result nor a decision.
    case invalidOutput = "invalid_output"
    /// A persistent hook ended, or closed its output, with a call in flight.
    case ended
    /// Too many calls wait for it.
    case busy
    /// No connection, or one that broke.
    case connection
    case tls
    /// An HTTP status outside of 2xx; redirects, which are not followed, among them.
    case httpStatus = "http_status"
    case contentType = "content_type"
    case image
    case engine
    /// What it would have been shown could not be freed of secrets.
    case unscannable
    case cancelled
  }

  public let kind: Kind
  /// Goes on after the hook's name: `ended with exit status 1`. Reaches clients: numbers and words
  /// of ours only, never output, addresses or values.
  public let reason: String
  /// For the operator's log only.
  public let detail: String?

  public init(_ kind: Kind, _ reason: String, detail: String? = nil) {
    self.kind = kind
    self.reason = reason
    self.detail = detail
  }

  public static func exitStatus(_ status: Int) -> HookFailure {
    HookFailure(.exitStatus, "ended with exit status \(status)")
  }
  public static func killed(bySignal signal: Int) -> HookFailure {
    HookFailure(.killed, "was ended by signal \(signal)")
  }
  public static let timeout = HookFailure(.timeout, "did not answer in time")
  public static func outputTooLarge(_ limit: Int) -> HookFailure {
    HookFailure(.outputTooLarge, "answered with more than \(limit) bytes")
  }
  public static func invalidOutput(_ what: String) -> HookFailure {
    HookFailure(.invalidOutput, "gave no usable answer: \(what)")
  }
  public static let cancelled = HookFailure(.cancelled, "was cancelled with its call")
}
