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
    var buffer = ByteBuffer()
    let parts = message.encodedParts
    buffer.reserveCapacity(parts.lead.count + parts.value.count + (id?.utf8.count ?? 0) + 32)
    if let id { buffer.writeString("id: \(id)\n") }
    buffer.writeString("event: message\ndata: ")
    buffer.write(parts)
    buffer.writeString("\n\n")
    return buffer
  }

  /// `data` has no line breaks.
  static func event(_ name: String, _ data: String) -> ByteBuffer {
    ByteBuffer(string: "event: \(name)\ndata: \(data)\n\n")
  }
}

extension Message {
  /// The message as one line, put where it is sent from without another copy.
  var buffer: ByteBuffer {
    var buffer = ByteBuffer()
    let parts = encodedParts
    buffer.reserveCapacity(parts.lead.count + parts.value.count + 1)
    buffer.write(parts)
    return buffer
  }
}

extension ByteBuffer {
  fileprivate mutating func write(_ parts: (lead: [UInt8], value: ArraySlice<UInt8>, tail: UInt8)) {
    writeBytes(parts.lead)
    writeBytes(parts.value)
    writeInteger(parts.tail)
  }
}
