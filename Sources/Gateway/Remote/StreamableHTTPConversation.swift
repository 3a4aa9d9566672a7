import NIOHTTP1
import Wire

/// What a streamable HTTP client has to remember between requests. Pure.
struct StreamableHTTPConversation: Sendable {
  /// A session id of more bytes is refused: it is sent with every request.
  private static let longestSessionID = 1024

  private(set) var sessionID: String?
  private(set) var protocolVersion: String?

  /// Headers of every request after `initialize`.
  func addHeaders(to headers: inout HTTPHeaders) {
    if let sessionID { headers.replaceOrAdd(name: "Mcp-Session-Id", value: sessionID) }
    if let protocolVersion {
      headers.replaceOrAdd(name: "MCP-Protocol-Version", value: protocolVersion)
    }
  }

  /// Takes the session id of the response to `initialize`; false if it is not visible ASCII.
  mutating func beginSession(_ headers: HTTPHeaders) -> Bool {
    guard let id = headers.first(name: "Mcp-Session-Id") else { return true }
    guard (1...Self.longestSessionID).contains(id.utf8.count),
      id.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
    else { return false }
    sessionID = id
    return true
  }

  /// Takes the negotiated version out of the result of `initialize`. Whether we can live with it is
  /// for the layer above; what is no version is not repeated in a header.
  mutating func take(initializeResult result: JSONText) {
    guard let version = result["protocolVersion"]?.string, (1...32).contains(version.utf8.count),
      version.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
    else { return }
    protocolVersion = version
  }
}
