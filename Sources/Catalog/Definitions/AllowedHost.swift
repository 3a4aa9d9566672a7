/// An `allowHosts` entry, `host:port[/http|https|tcp]`: where a server may connect to when its
/// network is restricted.
public struct AllowedHost: Sendable, Hashable {
  public enum Layer: String, Sendable, Hashable, CaseIterable { case http, https, tcp }

  /// A lower-case DNS name (perhaps `*.example.com`) or a literal IP address without brackets.
  public let host: String
  public let port: UInt16
  public let layer: Layer
}

/// An `extraHosts` entry, `name:address`: a line of the container's hosts file.
public struct ExtraHost: Sendable, Hashable {
  public let name: String
  /// An IP address, or `host-gateway` for the engine's host.
  public let address: String
}
