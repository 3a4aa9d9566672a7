/// What leads to this machine itself and to no other.
package enum Loopback {
  /// - Parameter host: an address without brackets, or a name. An address is read as one, never
  ///   compared by its first letters: `127.evil.example` is a name of somebody else's. Of names only
  ///   `localhost` counts (RFC 6761); what others resolve to is for a name server to say.
  package static func isReached(by host: String) -> Bool {
    IPAddress(host)?.isLoopback ?? (host.lowercased() == "localhost")
  }
}

extension IPAddress {
  /// 127.0.0.0/8 (RFC 1122), ::1, and the former written as IPv6.
  fileprivate var isLoopback: Bool {
    switch family {
    case .v4: value >> 24 == 127
    case .v6: value == 1 || value >> 24 == 0xFFFF_7F
    }
  }
}
