/// The catalog that Docker publishes.
public enum PublicCatalog {
  public static let url = "https://desktop.docker.com/mcp/catalog/v2/catalog.yaml"
}

/// Addresses of remote servers and of catalogs.
public enum RemoteAddress {
  /// An address as an operator wrote it, for messages, also where it is none: without user, password,
  /// query and fragment, in which people put tokens.
  public static func shown(_ url: String) -> String {
    let plain = url.prefix { !"?#".contains($0) }
    guard let end = plain.lastIndex(of: "@") else { return String(plain) }
    let scheme = plain.contains("://") ? plain.prefix { $0 != ":" } + "://" : ""
    return scheme + plain[plain.index(after: end)...]
  }

  /// Nil if it is an HTTP address with a host, without credentials (they would end up in logs) and
  /// without characters that could end a request line.
  static func problem(with url: String) -> String? {
    let scheme = ["https://", "http://"].first { url.lowercased().hasPrefix($0) }
    guard let scheme else { return "must start with https:// or http://" }
    guard url.utf8.count <= 2048, url.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
      !url.contains(where: { "\"<>\\^`{}|".contains($0) })
    else { return "holds characters that an address cannot have" }
    let authority = url.dropFirst(scheme.count).prefix { !"/?#".contains($0) }
    if authority.contains("@") { return "must not hold credentials" }
    return authority.isEmpty || authority.hasPrefix(":") ? "has no host" : nil
  }

  public static func isRemote(_ path: String) -> Bool {
    path.hasPrefix("http://") || path.hasPrefix("https://")
  }
}
