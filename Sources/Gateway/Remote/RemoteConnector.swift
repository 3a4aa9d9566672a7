import AsyncHTTPClient
import NIOCore
import Wire

/// Opens the way to the origin of a URL, if the guard lets it.
public struct RemoteConnector: Sendable {
  /// More addresses than this are not tried.
  private static let mostAddresses = 4

  let allowsPlainHTTP: Bool
  /// Why an address must not be connected to; nil where it may.
  let objection: @Sendable (IPAddress) -> String?
  let resolver: any HostResolver
  /// Last word on the client's configuration; tests trust their own certificate here.
  let configure: @Sendable (inout HTTPClient.Configuration) -> Void

  /// - Parameter allowInsecure: plain http and addresses of private networks too.
  public init(allowInsecure: Bool) {
    self.init(
      allowsPlainHTTP: allowInsecure,
      objection: { allowInsecure ? nil : AddressGuard.objection(to: $0) },
      resolver: SystemResolver())
  }

  init(
    allowsPlainHTTP: Bool, objection: @escaping @Sendable (IPAddress) -> String?,
    resolver: any HostResolver,
    configure: @escaping @Sendable (inout HTTPClient.Configuration) -> Void = { _ in }
  ) {
    self.allowsPlainHTTP = allowsPlainHTTP
    self.objection = objection
    self.resolver = resolver
    self.configure = configure
  }

  /// Why we do not go there, or could not find it.
  struct Objection: Error, Sendable, Hashable {
    let reason: String
    let isRetryable: Bool
    /// Whether only some of a host's addresses are what is objected to.
    var isPartial = false
  }

  /// Resolves once and checks every address; the origin then connects to these addresses only, so
  /// a name server that changes its answer gains nothing.
  func open(_ url: RemoteURL) async throws -> RemoteOrigin {
    guard url.scheme == .https || allowsPlainHTTP else {
      throw Objection(
        reason: "plain http is not allowed; use https, or set "
          + "DOCKER_MCP_ALLOW_INSECURE_REMOTE_URLS=1", isRetryable: false)
    }
    let addresses = try await addresses(of: url)
    let flaws = addresses.compactMap { address in objection(address).map { (address, $0) } }
    if let (address, flaw) = flaws.first {
      throw Objection(
        reason: "\(url.hostText) is not public: \(address) is \(flaw); set "
          + "DOCKER_MCP_ALLOW_INSECURE_REMOTE_URLS=1 to allow private addresses",
        isRetryable: false, isPartial: flaws.count < addresses.count)
    }
    return RemoteOrigin(
      url, addresses: Array(addresses.prefix(Self.mostAddresses)), configure: configure)
  }

  private func addresses(of url: RemoteURL) async throws -> [IPAddress] {
    guard case .name(let name) = url.host else {
      if case .address(let address) = url.host { return [address] }
      return []
    }
    do {
      let found = try await withTimeLimit(.seconds(10)) { try await resolver.addresses(of: name) }
      guard !found.isEmpty else {
        throw Objection(reason: "\(name) has no address", isRetryable: true)
      }
      return found
    } catch let failure as ResolutionFailure {
      throw Objection(reason: "\(name) was not found: \(failure.reason)", isRetryable: true)
    } catch is TimeLimitReached {
      throw Objection(reason: "\(name) was not found within 10 s", isRetryable: true)
    }
  }
}
