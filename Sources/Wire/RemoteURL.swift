/// An http or https URL as we are willing to ask it: read by one strict reader, so that the guard
/// and the connection can never disagree about the host.
public struct RemoteURL: Sendable, Hashable {
  package enum Scheme: String, Sendable, Hashable { case http, https }
  package enum Host: Sendable, Hashable {
    /// Lower case, no trailing dot, never something that another reader takes for an address.
    case name(String)
    case address(IPAddress)
  }

  package let scheme: Scheme
  package let host: Host
  package let port: Int
  /// Path and query, starting with a slash. May hold credentials: never shown.
  package let target: String

  /// Why a text is no URL for us. Never repeats the text, which may hold credentials.
  public struct Flaw: Error, Sendable, Hashable, CustomStringConvertible {
    public let description: String
    package init(_ description: String) { self.description = description }
  }

  public init(_ text: String) throws(Flaw) {
    guard text.utf8.count <= 8192 else { throw Flaw("the URL is longer than 8192 bytes") }
    guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\\") }) else {
      throw Flaw("the URL has a blank, backslash, control or non-ASCII character; encode it")
    }
    guard let colon = text.firstIndex(of: ":"),
      let scheme = Scheme(rawValue: text[..<colon].lowercased())
    else { throw Flaw("the URL must start with https://") }
    let afterScheme = text[text.index(after: colon)...]
    guard afterScheme.hasPrefix("//") else { throw Flaw("the URL must start with https://") }
    let rest = afterScheme.dropFirst(2)
    let authorityEnd = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
    let authority = try Self.authority(rest[..<authorityEnd])
    self.init(
      scheme: scheme, host: authority.host, port: authority.port ?? scheme.defaultPort,
      target: Self.target(rest[authorityEnd...]))
  }

  private init(scheme: Scheme, host: Host, port: Int, target: String) {
    self.scheme = scheme
    self.host = host
    self.port = port
    self.target = target
  }

  private static func target(_ text: Substring) -> String {
    let plain = text.prefix { $0 != "#" }
    return plain.hasPrefix("/") ? String(plain) : "/" + plain
  }

  private static func authority(_ text: Substring) throws(Flaw) -> (host: Host, port: Int?) {
    guard !text.contains("@") else {
      throw Flaw("the URL holds a user name or password; use a header with a secret instead")
    }
    if text.hasPrefix("[") {
      guard let end = text.firstIndex(of: "]"),
        let address = IPAddress(text[text.index(after: text.startIndex)..<end]),
        address.family == .v6
      else { throw Flaw("the URL has a malformed IPv6 address") }
      return (.address(address), try port(text[text.index(after: end)...]))
    }
    let hostEnd = text.firstIndex(of: ":") ?? text.endIndex
    return (try host(text[..<hostEnd]), try port(text[hostEnd...]))
  }

  private static func port(_ text: Substring) throws(Flaw) -> Int? {
    if text.isEmpty || text == ":" { return nil }
    let digits = text.dropFirst()
    guard text.first == ":", digits.count <= 5, digits.allSatisfy({ $0.isASCII && $0.isNumber }),
      let port = Int(digits), (1...65535).contains(port)
    else { throw Flaw("the URL has a malformed port") }
    return port
  }

  private static func host(_ text: Substring) throws(Flaw) -> Host {
    if let address = IPAddress(text) { return .address(address) }
    let name = (text.hasSuffix(".") ? text.dropLast() : text).lowercased()
    let labels = name.split(separator: ".", omittingEmptySubsequences: false)
    guard name.utf8.count <= 253, labels.allSatisfy(isLabel), let last = labels.last else {
      throw Flaw("the URL has a malformed host name")
    }
    // The URL standard reads a host whose last label is a number, decimal, octal or hex, as an
    // IPv4 address; getaddrinfo does so too.
    guard !last.allSatisfy(\.isNumber), !last.hasPrefix("0x") else {
      throw Flaw("the URL spells an IPv4 address in an unusual way; write four decimal numbers")
    }
    return .name(name)
  }

  private static func isLabel(_ label: Substring) -> Bool {
    (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
      && label.utf8.allSatisfy {
        switch $0 {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
          UInt8(ascii: "-"), UInt8(ascii: "_"):
          true
        default: false
        }
      }
  }
}

extension RemoteURL.Scheme {
  package var defaultPort: Int { self == .https ? 443 : 80 }
}

extension RemoteURL {
  /// The host as it stands in a URL and a Host header.
  package var hostText: String {
    switch host {
    case .name(let name): name
    case .address(let address):
      address.family == .v6 ? "[\(address)]" : address.description
    }
  }

  /// Scheme, host and port: what credentials are bound to.
  public var origin: String {
    let suffix = port == scheme.defaultPort ? "" : ":\(port)"
    return "\(scheme.rawValue)://\(hostText)\(suffix)"
  }

  /// The URL in full; may hold credentials in its query.
  package var text: String { origin + target }

  /// For messages and logs: without the query.
  public var shown: String { origin + target.prefix { $0 != "?" } }

  /// What a `Location` header or an `endpoint` event means, seen from this URL (RFC 3986 section
  /// 5.2, without the merging of dot segments, which servers do themselves).
  package func resolving(_ reference: String) throws(Flaw) -> RemoteURL {
    let plain = reference.prefix { $0 != "#" }
    if plain.isEmpty { return self }
    if plain.hasPrefix("//") { return try RemoteURL("\(scheme.rawValue):\(plain)") }
    if plain.hasPrefix("/") { return try RemoteURL(origin + plain) }
    let beforePath = plain.prefix { !"/?".contains($0) }
    if beforePath.contains(":") { return try RemoteURL(String(plain)) }
    let path = target.prefix { $0 != "?" }
    if plain.hasPrefix("?") { return try RemoteURL(origin + path + plain) }
    let folder = path[...(path.lastIndex(of: "/") ?? path.startIndex)]
    return try RemoteURL(origin + folder + plain)
  }
}
