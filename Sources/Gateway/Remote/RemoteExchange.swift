import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Synchronization
import Wire

/// Requests to one remote server's origin: configured headers, faults instead of errors, and the
/// last thing that happened, for the diagnosis.
final class RemoteExchange: Sendable {
  let server: RemoteServer
  private let origin: RemoteOrigin
  private let last = Mutex((answer: "", fault: ""))

  /// Looks up and checks the server's address; connects to nothing yet.
  init(_ server: RemoteServer, through connector: RemoteConnector) async throws(Fault) {
    self.server = server
    do { origin = try await connector.open(server.url) } catch { throw Self.fault(error, server) }
  }

  /// The head of the response, whatever its status.
  func request(
    _ method: HTTPMethod, _ target: String, deadline: Duration,
    prepare: (inout HTTPClientRequest) -> Void
  ) async throws(Fault) -> HTTPClientResponse {
    do {
      let response = try await origin.execute(target, deadline: deadline) { request in
        request.method = method
        for (name, value) in server.headers.pairs { request.headers.add(name: name, value: value) }
        if !request.headers.contains(name: "User-Agent") {
          request.headers.add(name: "User-Agent", value: "mcp-gateway")
        }
        request.headers.add(name: "Accept-Encoding", value: "identity")
        prepare(&request)
      }
      last.withLock {
        $0.answer = "last answer: HTTP \(response.status.code) to \(method.rawValue)"
      }
      return response
    } catch {
      throw fault(error)
    }
  }

  /// The server's fault behind an error, remembered for the diagnosis.
  func fault(_ error: any Error) -> Fault {
    let fault = Self.fault(error, server)
    remember(fault)
    return fault
  }

  func fault(_ status: HTTPResponseStatus, _ headers: HTTPHeaders) -> Fault {
    let reason = RemoteReason.of(status, headers)
    let fault = server.fault(reason.text, isRetryable: reason.isRetryable)
    remember(fault)
    return fault
  }

  func fault(
    _ reason: String, as kind: Fault.Kind = .remote, isRetryable: Bool = false
  ) -> Fault {
    let fault = server.fault(reason, as: kind, isRetryable: isRetryable)
    remember(fault)
    return fault
  }

  private static func fault(_ error: any Error, _ server: RemoteServer) -> Fault {
    switch error {
    case let fault as Fault: return fault
    case is CancellationError: return server.fault("the request was withdrawn", as: .cancelled)
    default: break
    }
    let reason = RemoteReason.of(error)
    let kind: Fault.Kind =
      switch error {
      case is NIOTooManyBytesError, is ServerSentEventParser.TooLarge: .tooLarge
      case is TimeLimitReached: .timeout
      default: .remote
      }
    return server.fault(reason.text, as: kind, isRetryable: reason.isRetryable)
  }

  private func remember(_ fault: Fault) {
    if fault.kind != .cancelled { last.withLock { $0.fault = String(fault.message.prefix(400)) } }
  }

  var diagnosis: String {
    last.withLock { [$0.fault, $0.answer].filter { !$0.isEmpty }.joined(separator: "; ") }
  }

  func close() async { await origin.close() }
}

extension Fault {
  /// The answer to a request that got none: a fault of one request is no fault of its channel.
  func answer(to id: RequestID) -> [UInt8] {
    let data = JSONText(object: [
      ("fault", JSONText(string: kind.rawValue)), ("retryable", JSONText(isRetryable)),
    ])
    return Message.failure(id: id, RPCError(code: -32603, message: message, data: data)).encoded
  }
}
