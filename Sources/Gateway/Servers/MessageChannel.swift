import Wire

/// An argument of a call that is repeated in a header (MCP 2026-07-28, Custom Headers).
public struct MirroredHeader: Sendable, Hashable {
  public let name: String
  public let value: String
}

/// One message of a server as it came.
public struct IncomingMessage: Sendable, Hashable {
  public let bytes: [UInt8]
  /// The request on whose stream it came; nil where the channel cannot know, as over stdio.
  public let request: RequestID?

  public init(_ bytes: [UInt8], of request: RequestID? = nil) {
    self.bytes = bytes
    self.request = request
  }
}

/// A two-way stream of JSON-RPC messages with one MCP server, whatever carries it: a container's
/// stdio, a TCP bridge, streamable HTTP, HTTP+SSE.
public protocol MessageChannel: AnyObject, Sendable {
  /// Sends one message, given without its line end. Waits while the server does not read. Throws a
  /// ``Fault`` when the server is gone.
  func send(_ message: [UInt8]) async throws

  /// Sends one message if that takes no waiting; false if nothing was sent, and ``send(_:)`` tells
  /// why. Saves the task that a waiting send needs.
  func sendNow(_ message: [UInt8]) -> Bool

  /// The same for a request some of whose arguments are repeated in headers, where there are any.
  func send(_ message: [UInt8], mirroring headers: [MirroredHeader]) async throws

  /// The messages of the server, for one consumer. Finishes when the server closes; throws a
  /// ``Fault`` that says why when it breaks (too large, connection lost, HTTP status).
  var incoming: AsyncThrowingStream<IncomingMessage, any Error> { get }

  /// Whether arguments can be repeated in headers, so that a tool which says so wrongly is of no use.
  var hasHeaders: Bool { get }

  /// Whether the server certainly did nothing of a request of ours, because the channel ended before
  /// it, or because the server said so. Asked when the channel has failed.
  func hasNotTaken(_ request: RequestID) -> Bool

  /// What an operator wants to read when it failed: the last lines of stderr, the exit code, the
  /// HTTP status. Control characters are escaped; bounded to a few hundred bytes. Empty if nothing
  /// is known.
  func diagnosis() async -> String

  /// The Id of the image that the server runs, where it runs in a container of ours.
  var image: String? { get }

  /// How the server's process ended, if it did and that is known.
  func exitCode() async -> Int?

  /// Ends the connection and releases what it holds (a container is removed). Safe to call twice;
  /// returns when nothing remains.
  func close() async

  /// The same without giving the server time to end by itself: for one that failed its call or whose
  /// client has gone.
  func abort() async
}

extension MessageChannel {
  public func sendNow(_ message: [UInt8]) -> Bool { false }

  public func send(_ message: [UInt8], mirroring headers: [MirroredHeader]) async throws {
    try await send(message)
  }

  public var hasHeaders: Bool { false }

  public func hasNotTaken(_ request: RequestID) -> Bool { false }

  public var image: String? { nil }

  public func exitCode() async -> Int? { nil }

  public func abort() async { await close() }
}
