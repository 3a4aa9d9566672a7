/// A server that is reached over HTTP.
public struct RemoteServer: Sendable, Hashable {
  public enum Transport: String, Sendable, Hashable, CaseIterable {
    case sse
    case streamableHTTP = "streamable-http"
  }

  public struct Header: Sendable, Hashable {
    public var name: String
    public var value: ExpandableText
  }

  /// `http` or `https` with a host and without credentials. Whether the address may be reached is
  /// decided when it is connected to.
  public var url: String
  public var transport: Transport
  public var headers: [Header]
}
