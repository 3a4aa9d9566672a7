import Wire

/// A `host[:port]` as it stands in a `Host` header or an origin, taken apart, never compared by
/// prefix: `localhost.evil.example` is not `localhost`.
struct Authority: Hashable {
  /// Lower case, without brackets.
  let host: String
  let isIPLiteral: Bool

  init?(_ text: some StringProtocol) {
    let text = text.lowercased()
    let port: Substring
    if text.first == "[" {
      guard let end = text.firstIndex(of: "]") else { return nil }
      host = String(text[text.index(after: text.startIndex)..<end])
      port = text[text.index(after: end)...]
      guard IPAddress(host)?.family == .v6 else { return nil }
      isIPLiteral = true
    } else {
      let end = text.firstIndex(of: ":") ?? text.endIndex
      host = String(text[..<end])
      port = text[end...]
      guard !host.isEmpty, host.utf8.allSatisfy(Self.isNameByte) else { return nil }
      isIPLiteral = IPAddress(host) != nil
    }
    guard port.isEmpty || Self.isPort(port) else { return nil }
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
      UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
      true
    default: false
    }
  }

  private static func isPort(_ text: Substring) -> Bool {
    let digits = text.dropFirst()
    return digits.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
      && UInt16(digits) != nil
  }
}

/// Which `Host` headers are ours. A browser that was led to us by DNS rebinding names the
/// attacker's domain there.
struct HostRule: Sendable {
  /// The address we listen on, as configured.
  let bindHost: String
  let requiresToken: Bool
  /// The host of the URL under which the operator says that we are known; lower case.
  var publicHost: String?

  private var listensEverywhere: Bool { bindHost == "0.0.0.0" || bindHost == "::" }

  func allows(_ header: String) -> Bool {
    guard let authority = Authority(header) else { return false }
    if Loopback.isReached(by: authority.host) || authority.host == bindHost.lowercased() {
      return true
    }
    if authority.host == publicHost { return true }
    guard listensEverywhere else { return false }
    // We cannot know our names. With a token a rebound browser gets nowhere; without one only
    // names pass that nobody can register and point at us.
    return requiresToken || authority.isIPLiteral || !authority.host.contains(".")
      || authority.host.hasSuffix(".internal")
  }
}

/// Which web pages may call us: those of this machine.
enum OriginRule {
  /// `Origin` as parsed: scheme, loopback host, any port, nothing else. `null` is refused.
  static func allows(_ origin: String) -> Bool {
    for scheme in ["http://", "https://"] where origin.lowercased().hasPrefix(scheme) {
      guard let authority = Authority(origin.dropFirst(scheme.count)) else { return false }
      return Loopback.isReached(by: authority.host)
    }
    return false
  }
}
