import HTTPTypes
import NIOCore

/// Answers as they stand on a connection (RFC 9112).
enum ResponseText {
  /// How a client knows where the answer ends.
  enum Framing {
    case length(Int)
    case chunked
    case untilClosed
  }

  static let goOn = ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n")
  static let chunkEnd = ByteBuffer(string: "\r\n")
  static let lastChunk = ByteBuffer(string: "0\r\n\r\n")

  static func head(_ response: HTTPResponse, _ framing: Framing, closes: Bool) -> ByteBuffer {
    var text = ByteBuffer()
    text.reserveCapacity(256)
    text.writeString("HTTP/1.1 \(response.status.code) \(response.status.reasonPhrase)\r\n")
    for field in response.headerFields { add(field.name.rawName, field.value, &text) }
    switch framing {
    // RFC 9110 section 8.6: no Content-Length with 204.
    case .length(0) where response.status == .noContent: break
    case .length(let count): add("Content-Length", "\(count)", &text)
    case .chunked: add("Transfer-Encoding", "chunked", &text)
    case .untilClosed: break
    }
    if closes, response.headerFields[.connection] == nil { add("Connection", "close", &text) }
    text.writeString("\r\n")
    return text
  }

  private static func add(_ name: String, _ value: String, _ text: inout ByteBuffer) {
    text.writeString(name)
    text.writeString(": ")
    text.writeString(value)
    text.writeString("\r\n")
  }

  static func chunkHead(_ count: Int) -> ByteBuffer {
    ByteBuffer(string: String(count, radix: 16) + "\r\n")
  }
}
