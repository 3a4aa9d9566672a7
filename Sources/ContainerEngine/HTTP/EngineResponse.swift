import NIOCore
import NIOHTTP1
import Wire

/// The engine's answer: its head, and its body as it comes.
struct EngineResponse: Sendable {
  let operation: String
  let status: Int
  let headers: HTTPHeaders
  let body: ByteQueue
  private let channel: any Channel

  init(_ operation: String, _ head: HTTPResponseHead, _ body: ByteQueue, _ channel: any Channel) {
    self.operation = operation
    self.status = Int(head.status.code)
    self.headers = head.headers
    self.body = body
    self.channel = channel
  }

  var isSuccess: Bool { (200..<300).contains(status) }

  /// The connection serves one request.
  func close() { channel.close(promise: nil) }

  /// The whole body. Larger than `limit` is an error.
  func collect(upTo limit: Int) async throws -> [UInt8] {
    defer { close() }
    var bytes: [UInt8] = []
    while let chunk = try await body.next() {
      guard bytes.count + chunk.readableBytes <= limit else {
        throw EngineError(.tooLarge, operation, "the engine's answer is larger than \(limit) bytes")
      }
      bytes.append(contentsOf: chunk.readableBytesView)
    }
    return bytes
  }

  /// This response if it is a success; what the engine says is wrong otherwise.
  func succeeded() async throws -> EngineResponse {
    if isSuccess { return self }
    let body = try await collect(upTo: 1 << 20)
    throw EngineError.answered(operation, status: status, body: body)
  }

  func json() async throws -> JSONText {
    let bytes = try await collect(upTo: JSONLimits.fromEngine.maximumBytes)
    do { return try JSONText(validating: bytes, limits: .fromEngine) } catch {
      throw EngineError(
        .malformed, operation, status: status, "the engine's answer is not JSON: \(error)")
    }
  }
}
