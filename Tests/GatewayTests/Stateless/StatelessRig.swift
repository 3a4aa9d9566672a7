import Synchronization
import Wire

@testable import Gateway

/// Requests of the stateless era, as a client writes them.
enum Stateless {
  static func meta(
    _ capabilities: String = "{}", version: String = "2026-07-28", more: String = ""
  ) -> String {
    #"{"io.modelcontextprotocol/protocolVersion":"\#(version)","#
      + #""io.modelcontextprotocol/clientCapabilities":\#(capabilities),"#
      + #""io.modelcontextprotocol/clientInfo":{"name":"c","version":"1"}\#(more)}"#
  }

  /// - Parameter members: of `params`, with a comma behind each.
  static func line(
    _ method: String, _ members: String = "", id: String = "1", meta: String = meta()
  ) -> String {
    #"{"jsonrpc":"2.0","id":\#(id),"method":"\#(method)","params":{\#(members)"_meta":\#(meta)}}"#
  }

  static func request(
    _ method: String, _ members: String = "", meta: String = meta(),
    headers: MirroredHeaders? = nil
  ) throws -> StatelessRequest {
    guard
      case .request(let id, let method, let params) = try Message(
        Array(line(method, members, meta: meta).utf8))
    else { throw RPCError.invalidRequest("no request") }
    return try StatelessRequest(id: id, method: method, params: params, headers: headers)
  }
}

extension FakeGateway {
  /// One request of the stateless era; all that comes of it, the answer last.
  func stateless(
    _ method: String, _ members: String = "", meta: String = Stateless.meta(),
    identity: String = "local", headers: MirroredHeaders? = nil
  ) async throws -> [Message] {
    let request = try Stateless.request(method, members, meta: meta, headers: headers)
    let emitted = Mutex<[Message]>([])
    let answer = await core.begin(request, identity: identity).run { message in
      emitted.withLock { $0.append(message) }
    }
    return emitted.withLock { $0 } + (answer.map { [$0] } ?? [])
  }
}
