import AsyncHTTPClient
import Glibc
import NIOCore
import NIOPosix
import Synchronization
import Wire

/// One origin that the guard has checked, and connections to the checked addresses only, while TLS
/// verifies the name. Must be closed.
final class RemoteOrigin: Sendable {
  let url: RemoteURL
  private let addresses: [IPAddress]
  private let configure: @Sendable (inout HTTPClient.Configuration) -> Void
  private let state = Mutex(State())

  private struct State {
    /// The address in use; a later one after a connection to an earlier one failed.
    var current = 0
    var clients: [Int: HTTPClient] = [:]
    var isClosed = false
  }

  init(
    _ url: RemoteURL, addresses: [IPAddress],
    configure: @escaping @Sendable (inout HTTPClient.Configuration) -> Void
  ) {
    self.url = url
    self.addresses = addresses
    self.configure = configure
  }

  /// A client that is dropped without being shut down ends the program (async-http-client 1.37): a
  /// forgotten close must cost no more than a late one.
  deinit {
    let clients = state.withLock { $0.clients.values.map { $0 } }
    guard !clients.isEmpty else { return }
    Task { await Self.shutDown(clients) }
  }

  /// Sends a request to this origin, whatever its URL says about another: `target` is a path and
  /// query. Returns with the head of the response; the body is read as fast as it is consumed.
  func execute(
    _ target: String, deadline: Duration, prepare: (inout HTTPClientRequest) -> Void
  ) async throws -> HTTPClientResponse {
    var request = HTTPClientRequest(url: url.origin + target)
    prepare(&request)
    let start = state.withLock { $0.current }
    var attempt = start
    while true {
      do {
        let limit = NIODeadline.now() + TimeAmount(deadline)
        return try await client(attempt).execute(request, deadline: limit)
      } catch  where Self.isBeforeSending(error) && attempt + 1 < addresses.count {
        attempt += 1
        state.withLock { [attempt] in $0.current = max($0.current, attempt) }
      }
    }
  }

  /// Ends all requests and connections.
  func close() async {
    let clients = state.withLock { state in
      state.isClosed = true
      defer { state.clients = [:] }
      return state.clients.values.map { $0 }
    }
    await Self.shutDown(clients)
  }

  private static func shutDown(_ clients: [HTTPClient]) async {
    for client in clients {
      // The only error is "already shut down", and each client is taken out of the table once.
      try? await client.shutdown()
    }
  }

  private func client(_ index: Int) throws -> HTTPClient {
    try state.withLock { state in
      guard !state.isClosed else { throw CancellationError() }
      if let client = state.clients[index] { return client }
      let client = HTTPClient(configuration: configuration(addresses[index]))
      state.clients[index] = client
      return client
    }
  }

  private func configuration(_ address: IPAddress) -> HTTPClient.Configuration {
    var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
    configuration.httpVersion = .http1Only
    configuration.timeout.connect = addresses.count > 1 ? .seconds(5) : .seconds(10)
    configuration.decompression = .disabled
    // Many servers drop an idle connection after 5 s; a POST on one that is just being dropped is
    // lost, and must not be repeated because it may have been done.
    configuration.connectionPool.idleTimeout = .seconds(4)
    // A call may hold its connection for minutes: the default of 8 would make the others wait.
    configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 1024
    configuration.connectionPool.retryConnectionEstablishment = false
    if case .name(let name) = url.host {
      configuration.dnsOverride = [name: address.description]
    }
    configure(&configuration)
    return configuration
  }

  /// Whether the request certainly never left, so that another address may be tried.
  private static func isBeforeSending(_ error: any Error) -> Bool {
    switch error {
    case let error as IOError:
      [ECONNREFUSED, ENETUNREACH, EHOSTUNREACH, EADDRNOTAVAIL, EAFNOSUPPORT]
        .contains(error.errnoCode)
    case let error as ChannelError:
      if case .connectTimeout = error { true } else { false }
    case let error as HTTPClientError: error == .connectTimeout
    default: false
    }
  }
}
