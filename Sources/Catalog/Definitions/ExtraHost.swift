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
