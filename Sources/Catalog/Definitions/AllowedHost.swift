/// An `allowHosts` entry, `host:port[/http|https|tcp]`: where a server may connect to when its
/// network is restricted.
public struct AllowedHost: Sendable, Hashable {
  public enum Layer: String, Sendable, Hashable, CaseIterable { case http, https, tcp }

  /// A lower-case DNS name (perhaps `*.example.com`) or a literal IP address without brackets.
  public let host: String
  public let port: UInt16
  public let layer: Layer

  /// Nil for anything of another form. Without a layer it is `http`, as with Docker's gateway.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), let address = parts.first,
      let layer = parts.count == 2 ? Layer(rawValue: String(parts[1])) : .http,
      let colon = address.lastIndex(of: ":"),
      let port = Self.port(address[address.index(after: colon)...]),
      let host = Self.host(address[..<colon])
    else { return nil }
    (self.host, self.port, self.layer) = (host, port, layer)
  }

  private static func port(_ text: Substring) -> UInt16? {
    guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
      let port = UInt16(text), port > 0
    else { return nil }
    return port
  }

  private static func host(_ text: Substring) -> String? {
    if text.hasPrefix("["), text.hasSuffix("]") {
      let address = String(text.dropFirst().dropLast())
      return IPAddress.isIPv6(address) ? address.lowercased() : nil
    }
    let name = text.lowercased()
    let isPattern = name.hasPrefix("*.")
    return DNSName.isValid(isPattern ? name.dropFirst(2) : name[...]) ? name : nil
  }
}
