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

  static func message(_ message: Message) -> ByteBuffer {
    event("message", message.encoded)
  }

  /// `data` has no line breaks.
  static func event(_ name: String, _ data: some Collection<UInt8>) -> ByteBuffer {
    var buffer = ByteBuffer()
    buffer.reserveCapacity(name.utf8.count + data.count + 20)
    buffer.writeString("event: \(name)\ndata: ")
    buffer.writeBytes(data)
    buffer.writeString("\n\n")
    return buffer
  }
}
