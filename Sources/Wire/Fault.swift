/// Something broke. The message is safe to show to a client; the log has the rest.
public struct Fault: Error, Sendable, Hashable {
  /// Stable words, documented in docs/errors.md.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// The server did not start: image, container, or its process ended at once.
    case serverStart = "server_start"
    /// The server's process or connection ended while a call was in flight.
    case serverGone = "server_gone"
    /// No answer within the time allowed.
    case timeout
    /// The server broke the protocol.
    case protocolViolation = "protocol_violation"
    /// A message was larger than allowed.
    case tooLarge = "too_large"
    /// The container engine refused or could not be reached.
    case engine
    /// The image is missing and could not be pulled, or is not what it should be.
    case image
    /// The signature policy does not let the image run.
    case untrusted
    /// A remote server could not be reached or refused.
    case remote
    /// The gateway is shutting down.
    case shuttingDown = "shutting_down"
    /// The caller withdrew the call.
    case cancelled
  }

  /// Who is to blame, as far as known; documented in docs/errors.md.
  public enum Source: String, Sendable, Hashable, CaseIterable {
    case client, gateway, station, server, engine
  }

  public var kind: Kind
  public var source: Source
  public var message: String
  /// Whether the same call may succeed later without anybody changing anything.
  public var isRetryable: Bool
  /// Whether the server certainly did nothing of the call, so that it can be made again unasked.
  public var isUntouched = false
  /// How the server's process ended, where that is what broke; for records.
  public var exitCode: Int?

  public init(_ kind: Kind, from source: Source, _ message: String, isRetryable: Bool = false) {
    self.kind = kind
    self.source = source
    self.message = message
    self.isRetryable = isRetryable
  }
}
