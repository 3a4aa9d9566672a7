import Glibc

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

/// An `extraHosts` entry, `name:address`: a line of the container's hosts file.
public struct ExtraHost: Sendable, Hashable {
  public let name: String
  /// An IP address, or `host-gateway` for the engine's host.
  public let address: String

  /// Nil for anything of another form.
  public init?(_ text: String) {
    guard let colon = text.firstIndex(of: ":") else { return nil }
    let name = text[..<colon].lowercased()
    let address = String(text[text.index(after: colon)...])
    guard DNSName.isValid(name[...]),
      address == "host-gateway" || IPAddress.isIPv4(address) || IPAddress.isIPv6(address)
    else { return nil }
    (self.name, self.address) = (name, address)
  }
}

enum DNSName {
  /// Labels of letters, digits, hyphens and underscores. An IPv4 address is one as well.
  static func isValid(_ name: Substring) -> Bool {
    let labels = name.split(separator: ".", omittingEmptySubsequences: false)
    return (1...253).contains(name.utf8.count) && labels.allSatisfy(isLabel)
  }

  private static func isLabel(_ label: Substring) -> Bool {
    (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
      && label.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
  }
}

enum IPAddress {
  static func isIPv4(_ text: String) -> Bool {
    var address = in_addr()
    return unsafe inet_pton(AF_INET, text, &address) == 1
  }

  static func isIPv6(_ text: String) -> Bool {
    var address = in6_addr()
    return unsafe inet_pton(AF_INET6, text, &address) == 1
  }
}
