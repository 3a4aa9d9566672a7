import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Signatures
import Synchronization
import Wire

/// Lets the verification of signatures reach registries and signature stores, by the same rules on
/// addresses and TLS as all else that is fetched.
final class RegistryTransport: WebTransport {
  private static let connectTime = TimeAmount.seconds(5)

  private let publicOnly: RemoteConnector
  private let anywhere: RemoteConnector
  private let origins = Mutex<[OriginKey: SharedOrigin]>([:])

  private struct OriginKey: Hashable {
    let origin: String
    let reach: WebRequest.Reach
  }

  /// Whether its addresses are public is known once they are.
  private struct OpenOrigin: Sendable {
    let origin: RemoteOrigin
    let isPublic: Bool
  }

  private typealias SharedOrigin = Task<OpenOrigin, any Error>

  /// Plain http is for who asks to judge: it is asked for loopback and for what the operator allows.
  init(resolver: any HostResolver = SystemResolver()) {
    let configure: @Sendable (inout HTTPClient.Configuration) -> Void = {
      $0.timeout.connect = Self.connectTime
    }
    publicOnly = RemoteConnector(
      allowsPlainHTTP: true, objection: { AddressGuard.objection(to: $0) }, resolver: resolver,
      configure: configure)
    anywhere = RemoteConnector(
      allowsPlainHTTP: true, objection: { _ in nil }, resolver: resolver, configure: configure)
  }

  func send(_ request: WebRequest) async throws(WebFailure) -> WebAnswer {
    do {
      return try await withTimeLimit(request.deadline.remaining) { try await self.answer(request) }
    } catch {
      throw Self.failure(error)
    }
  }

  /// Ends all connections. Later requests open new ones.
  func close() async {
    let all = origins.withLock { origins in
      defer { origins = [:] }
      return Array(origins.values)
    }
    for origin in all { await (try? origin.value)?.origin.close() }
  }

  private func answer(_ request: WebRequest) async throws -> WebAnswer {
    let url = try RemoteURL(request.url)
    let open = try await origin(url, request.reach)
    let response = try await open.origin.execute(
      url.target, deadline: request.deadline.remaining
    ) { http in
      http.method = request.method == .post ? .POST : .GET
      for header in request.headers { http.headers.add(name: header.name, value: header.value) }
      http.headers.add(name: "User-Agent", value: "mcp-gateway")
      http.headers.add(name: "Accept-Encoding", value: "identity")
      if let body = request.body { http.body = .bytes(ByteBuffer(bytes: body)) }
    }
    // A compressed body would have another digest, and no limit.
    let encoding = response.headers.first(name: "Content-Encoding")?.lowercased() ?? "identity"
    guard encoding == "identity" else {
      throw WebFailure(.cutShort, "the answer is encoded although we asked for no encoding")
    }
    return WebAnswer(
      status: Int(response.status.code),
      headers: response.headers.map { (name: $0.name, value: $0.value) },
      body: try await response.bytes(upTo: request.maximumBytes), isPublic: open.isPublic)
  }

  /// Concurrent requests share the look-up of a host and its connections.
  private func origin(_ url: RemoteURL, _ reach: WebRequest.Reach) async throws -> OpenOrigin {
    let key = OriginKey(origin: url.origin, reach: reach)
    let opening = origins.withLock { origins in
      if let opening = origins[key] { return opening }
      let opening = SharedOrigin { try await self.open(url, reach) }
      origins[key] = opening
      return opening
    }
    do { return try await opening.value } catch {
      origins.withLock { if $0[key] == opening { $0[key] = nil } }
      throw error
    }
  }

  private func open(_ url: RemoteURL, _ reach: WebRequest.Reach) async throws -> OpenOrigin {
    do { return OpenOrigin(origin: try await publicOnly.open(url), isPublic: true) } catch let
      objection as RemoteConnector.Objection
    {
      // A host that is public as well is no private one: it could lead us to others.
      guard reach == .anywhere, !objection.isRetryable, !objection.isPartial else {
        throw objection
      }
      return OpenOrigin(origin: try await anywhere.open(url), isPublic: false)
    }
  }

  private static func failure(_ error: any Error) -> WebFailure {
    let words = RemoteReason.of(error).text
    switch error {
    case let failure as WebFailure: return failure
    case let objection as RemoteConnector.Objection:
      return WebFailure(objection.isRetryable ? .unreachable : .forbidden, words)
    case is RemoteURL.Flaw: return WebFailure(.forbidden, words)
    case is TimeLimitReached: return WebFailure(.timeout, words)
    case is CancellationError: return WebFailure(.timeout, "the verification was called off")
    case is NIOTooManyBytesError: return WebFailure(.tooLarge, words)
    case HTTPParserError.invalidEOFState: return WebFailure(.cutShort, words)
    case let error as HTTPClientError:
      switch error {
      case .deadlineExceeded, .readTimeout: return WebFailure(.timeout, words)
      case .remoteConnectionClosed: return WebFailure(.cutShort, words)
      default: return WebFailure(.unreachable, words)
      }
    default: return WebFailure(.unreachable, words)
    }
  }
}
