import Wire

@testable import Gateway

/// Answers from a table instead of a name server.
struct TableResolver: HostResolver {
  var table: [String: [String]] = [:]

  func addresses(of name: String) async throws -> [IPAddress] {
    guard let found = table[name] else { throw ResolutionFailure(reason: "unknown name") }
    return found.compactMap { IPAddress($0) }
  }
}

extension RemoteConnector {
  static let toLoopback = RemoteConnector(allowInsecure: true)

  /// Plain http is fine, the listed addresses are not.
  static func refusing(
    _ addresses: [String], _ table: [String: [String]] = [:]
  ) -> RemoteConnector {
    RemoteConnector(
      allowsPlainHTTP: true,
      objection: { addresses.contains($0.description) ? "private" : nil },
      resolver: TableResolver(table: table))
  }
}

extension StreamableHTTPChannel {
  static func to(
    _ server: ScriptedServer, headers: [String: String] = [:]
  ) async throws -> StreamableHTTPChannel {
    let url = try RemoteURL("http://127.0.0.1:\(server.port)/mcp?key=s3cret")
    return try await open(
      RemoteServer(
        name: "weather", url: url, headers: try RemoteHeaders(headers, source: "test")),
      through: .toLoopback)
  }

  /// Opens the session the way a client does.
  func initialize() async throws -> Message {
    try await send(request(0, "initialize"))
    return try await next()
  }

  func next() async throws -> Message {
    for try await message in incoming { return try Message(message.bytes, limits: .fromServer) }
    throw Fault(.serverGone, from: .server, "incoming ended")
  }
}

func request(_ id: Int, _ method: String) -> [UInt8] {
  Message.request(id: .integer(Int64(id)), method: method, params: nil).encoded
}

func notification(_ method: String) -> [UInt8] {
  Message.notification(method: method, params: nil).encoded
}

func result(_ id: Int, _ result: String = "{}") -> String {
  #"{"jsonrpc":"2.0","id":\#(id),"result":\#(result)}"#
}

let initialized = result(0, #"{"protocolVersion":"2025-06-18","capabilities":{}}"#)
