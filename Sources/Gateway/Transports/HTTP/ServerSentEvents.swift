import HTTPTypes
import NIOCore
import Wire

/// The text of a `text/event-stream`.
enum ServerSentEvents {
  static let headers: HTTPFields = [
    .contentType: "text/event-stream", .cacheControl: "no-cache, no-transform",
    .accelBuffering: "no",
  ]

  /// A comment: keeps proxies from closing a quiet stream.
  static let keepAlive = ByteBuffer(string: ": ping\n\n")

  /// How long a client shall wait before it comes back.
  private static let retryMilliseconds = 1_000

  /// An event without data: it tells the client an id to come back with, and no message (MCP
  /// 2025-11-25, Streamable HTTP).
  static func beginning(_ id: String) -> ByteBuffer {
    ByteBuffer(string: "id: \(id)\nretry: \(retryMilliseconds)\ndata: \n\n")
  }

  static func message(_ message: Message, id: String? = nil) -> ByteBuffer {
    event("message", message.encoded, id: id)
  }

  /// `data` has no line breaks.
  static func event(
    _ name: String, _ data: some Collection<UInt8>, id: String? = nil
  ) -> ByteBuffer {
    var buffer = ByteBuffer()
    buffer.reserveCapacity(name.utf8.count + data.count + (id?.utf8.count ?? 0) + 24)
    if let id { buffer.writeString("id: \(id)\n") }
    buffer.writeString("event: \(name)\ndata: ")
    buffer.writeBytes(data)
    buffer.writeString("\n\n")
    return buffer
  }
}
