import AsyncHTTPClient
import Wire

/// Requests of revision 2026-07-28: no session, no resumption. A stream that breaks has lost its
/// request, and abandoning a request closes its stream, which is how the server learns of it.
extension StreamableHTTPChannel {
  func askStateless(_ message: [UInt8], id: RequestID, _ headers: [MirroredHeader]) async throws {
    let response = try await post(message, deadline: Self.longestRequest, mirroring: headers)
    guard response.status == .ok else { return try await refuse(response, id: id) }
    switch RemoteContent(response.headers) {
    case .json:
      let body = try await response.bytes(upTo: Self.largestMessage)
      guard try await handOn(body, answering: id, isInitialize: false) else {
        throw exchange.fault("its JSON is not the answer to the request", as: .protocolViolation)
      }
    case .events: try await followOnce(response, id: id)
    case .other(let kind):
      throw exchange.fault("it answered with \(kind)", as: .protocolViolation)
    }
  }

  private func followOnce(_ response: HTTPClientResponse, id: RequestID) async throws {
    var reader = EventReader()
    let end = try await read(response, into: &reader) { event in
      guard try await self.handOn(event.data, answering: id, isInitialize: false) else {
        return false
      }
      self.endSoon(id)
      return true
    }
    if case .lost(let why) = end {
      throw exchange.fault("\(why) before the answer", isRetryable: true)
    }
  }
}

/// What the headers of a request say of its body (MCP 2026-07-28, Request Headers). Made from the body
/// that is sent, so that they agree.
enum StatelessHeaders {
  static func of(_ method: String, _ params: JSONText?) -> [MirroredHeader] {
    let version = params?["_meta"]?[RequestEnvelope.Member.protocolVersion.rawValue]?.string
    var headers = [
      MirroredHeader(name: "MCP-Protocol-Version", value: version ?? ""),
      MirroredHeader(name: "Mcp-Method", value: HeaderText.encode(method)),
    ]
    if let member = MirroredHeaders.nameMember(method), let name = params?[member]?.string {
      headers.append(MirroredHeader(name: "Mcp-Name", value: HeaderText.encode(name)))
    }
    return headers
  }
}
