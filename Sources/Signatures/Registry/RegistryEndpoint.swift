import Wire

/// Where the registry of a domain answers.
enum RegistryEndpoint {
  /// Docker Hub's images are named by one host and served by another.
  static func host(of domain: String) -> String {
    domain == "docker.io" ? "registry-1.docker.io" : domain
  }

  /// In the order in which they are tried. Without TLS only this machine is asked, as the engine
  /// does it, and what the operator allows.
  static func origins(of domain: String, allowsInsecure: Bool) -> [String] {
    let host = host(of: domain)
    let secure = "https://\(host)"
    return allowsInsecure || isLoopback(host) ? [secure, "http://\(host)"] : [secure]
  }

  private static func isLoopback(_ host: String) -> Bool {
    if host.hasPrefix("[") {
      return Loopback.isReached(by: String(host.dropFirst().prefix { $0 != "]" }))
    }
    return Loopback.isReached(by: String(host.prefix { $0 != ":" }))
  }
}
