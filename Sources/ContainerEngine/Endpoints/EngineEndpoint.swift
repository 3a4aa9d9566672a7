/// Where the engine listens.
public enum EngineEndpoint: Sendable, Hashable {
  /// Path of a Unix socket.
  case unix(path: String)
  /// Plain HTTP. Whoever can connect owns the engine's machine: for loopback and private networks.
  case tcp(host: String, port: Int)

  public static let standard = EngineEndpoint.unix(path: "/var/run/docker.sock")

  /// Reads an address as `DOCKER_HOST` and docker contexts hold it. Kinds we cannot speak are
  /// refused with the reason, never replaced by another address.
  public init(_ address: String) throws(EngineEndpointProblem) {
    guard let mark = address.firstIndex(of: ":"), address[mark...].hasPrefix("://") else {
      throw EngineEndpointProblem(
        address, "it has no scheme; expected unix:///path or tcp://host:port")
    }
    let rest = String(address[mark...].dropFirst(3))
    switch address[..<mark] {
    case "unix": self = try Self.unixSocket(rest, address)
    case "tcp", "http": self = try Self.tcpHost(rest, address)
    case "https":
      throw EngineEndpointProblem(
        address, "TLS to the engine is not supported; use a Unix socket or an SSH tunnel to one")
    case "ssh":
      throw EngineEndpointProblem(
        address,
        "ssh is not supported; forward the socket instead: ssh -L /tmp/engine.sock:/var/run/docker.sock"
      )
    case "npipe":
      throw EngineEndpointProblem(address, "named pipes of Windows are not supported")
    default:
      throw EngineEndpointProblem(
        address, "unknown scheme; expected unix:///path or tcp://host:port")
    }
  }

  private static func unixSocket(
    _ path: String, _ address: String
  ) throws(EngineEndpointProblem) -> EngineEndpoint {
    guard path.hasPrefix("/"), !path.utf8.contains(0) else {
      throw EngineEndpointProblem(address, "the socket's path must start with /")
    }
    // sun_path holds 108 bytes with the closing NUL.
    guard path.utf8.count <= 107 else {
      throw EngineEndpointProblem(address, "the socket's path is longer than 107 bytes")
    }
    return .unix(path: path)
  }

  private static func tcpHost(
    _ authority: String, _ address: String
  ) throws(EngineEndpointProblem) -> EngineEndpoint {
    let trimmed = authority.hasSuffix("/") ? String(authority.dropLast()) : authority
    let (host, port) = try splitPort(trimmed, address)
    let name = host.isEmpty ? "localhost" : host
    let allowed = name.utf8.allSatisfy { byte in
      (0x21...0x7E).contains(byte) && !"/?#@[]\"\\".utf8.contains(byte)
    }
    guard allowed else { throw EngineEndpointProblem(address, "that is not a host name") }
    return .tcp(host: name, port: port)
  }

  private static func splitPort(
    _ authority: String, _ address: String
  ) throws(EngineEndpointProblem) -> (host: String, port: Int) {
    var host = authority[...]
    var port: Substring?
    if authority.hasPrefix("["), let close = authority.firstIndex(of: "]") {
      host = authority[authority.index(after: authority.startIndex)..<close]
      let rest = authority[authority.index(after: close)...]
      guard rest.isEmpty || rest.hasPrefix(":") else {
        throw EngineEndpointProblem(address, "expected a port after the address")
      }
      port = rest.isEmpty ? nil : rest.dropFirst()
    } else if let colon = authority.lastIndex(of: ":") {
      host = authority[..<colon]
      port = authority[authority.index(after: colon)...]
    }
    guard let port else { return (String(host), 2375) }
    guard port.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(port),
      (1...65535).contains(number)
    else { throw EngineEndpointProblem(address, "the port must be between 1 and 65535") }
    return (String(host), number)
  }
}

extension EngineEndpoint: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unix(let path): "unix://\(path)"
    case .tcp(let host, let port):
      host.contains(":") ? "tcp://[\(host)]:\(port)" : "tcp://\(host):\(port)"
    }
  }
}

/// Why an engine's address cannot be used.
public struct EngineEndpointProblem: Error, Sendable, Hashable, CustomStringConvertible {
  /// The address, the context or the file that is wrong.
  public let source: String
  public let message: String

  init(_ source: String, _ message: String) {
    self.source = Printable.text(source)
    self.message = Printable.text(message)
  }

  public var description: String { "\(source): \(message)" }
}
