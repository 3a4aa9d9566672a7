import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// What kind of body a response has.
enum RemoteContent: Sendable, Hashable {
  case json, events
  /// Anything else, or encoded although we asked for no encoding.
  case other(String)

  init(_ headers: HTTPHeaders) {
    let encoding = headers.first(name: "Content-Encoding")?.lowercased() ?? "identity"
    guard encoding == "identity" || encoding.isEmpty else {
      self = .other("content encoding \(RemoteReason.printable(encoding))")
      return
    }
    let full = headers.first(name: "Content-Type") ?? ""
    let essence = full.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }.lowercased()
    switch essence {
    case "application/json": self = .json
    case "text/event-stream": self = .events
    case "": self = .other("no content type")
    default: self = .other("content type \(RemoteReason.printable(String(essence.prefix(80))))")
    }
  }
}

extension HTTPClientResponse {
  /// The whole body, if it is not larger than `limit`, whatever the Content-Length says.
  func bytes(upTo limit: Int) async throws -> [UInt8] {
    let buffer = try await body.collect(upTo: limit)
    // A cancelled body ends early without an error.
    try Task.checkCancellation()
    return Array(buffer.readableBytesView)
  }

  /// Reads away a small body that nobody wants, so that the connection can be used again; a body
  /// left unread closes it.
  func discard() async {
    guard let length = headers.first(name: "Content-Length").flatMap({ Int($0) }),
      (0...(64 << 10)).contains(length)
    else { return }
    // Whatever goes wrong with it costs the connection and nothing else.
    _ = try? await withTimeLimit(.seconds(1)) { try await bytes(upTo: 64 << 10) }
  }
}
