import Wire

/// Asks one hook about one call: starts a program, posts to a URL, runs a container.
public protocol HookRunner: Sendable {
  /// What the hook answered, as it wrote it.
  ///
  /// Returns or throws by the request's deadline, and soon after its task is cancelled; nothing that
  /// it started for this request is left running then. What the hook says on stderr goes to the log
  /// that the runner was made with.
  func run(_ request: HookRequest) async throws(HookFailure) -> [UInt8]

  /// Ends what lives longer than a request. No request comes afterwards.
  func close() async
}

extension HookRunner {
  public func close() async {}
}

/// What a hook is asked.
public struct HookRequest: Sendable {
  /// One object on one line.
  public let message: JSONText
  /// The id of the call, for logs.
  public let callID: String
  public let deadline: ContinuousClock.Instant
  /// More output than this is a failure.
  public let largestOutput: Int

  public init(
    message: JSONText, callID: String, deadline: ContinuousClock.Instant,
    largestOutput: Int = Hook.largestOutput
  ) {
    self.message = message
    self.callID = callID
    self.deadline = deadline
    self.largestOutput = largestOutput
  }
}
