import Wire

/// Which addresses a URL that others chose may lead to: none that only this machine or its network
/// can reach, or a catalog could make the gateway ask an internal service (SSRF).
///
/// The ranges are those of the IANA special-purpose registries that are not globally reachable.
enum AddressGuard {
  /// Why `address` is not a public one; nil where it is.
  static func objection(to address: IPAddress) -> String? {
    switch address.family {
    case .v4: return v4.first { $0.contains(address.value) }?.reason
    case .v6:
      if let embedded = embeddedV4(in: address) {
        return objection(to: embedded.address).map { "\($0) inside \(embedded.form)" }
      }
      if let block = v6.first(where: { $0.contains(address.value) }) { return block.reason }
      if isISATAP(address) { return "an ISATAP tunnel" }
      // Only 2000::/3 is assigned for global unicast: everything else is refused, known or not.
      return address.value >> 125 == 1 ? nil : "not a global address"
    }
  }

  struct Block: Sendable {
    let prefix: UInt128
    /// Bits after the prefix.
    let rest: Int
    let reason: String

    func contains(_ value: UInt128) -> Bool { value >> UInt128(rest) == prefix >> UInt128(rest) }

    init(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8, bits: Int, _ reason: String) {
      prefix = [a, b, c, d].reduce(0) { $0 << 8 | UInt128($1) }
      rest = 32 - bits
      self.reason = reason
    }

    /// The first 64 bits of an IPv6 prefix.
    init(_ high: UInt64, bits: Int, _ reason: String) {
      prefix = UInt128(high) << 64
      rest = 128 - bits
      self.reason = reason
    }
  }

  static let v4: [Block] = [
    Block(0, 0, 0, 0, bits: 8, "unspecified"),
    Block(10, 0, 0, 0, bits: 8, "private"),
    Block(100, 64, 0, 0, bits: 10, "carrier-grade NAT"),
    Block(127, 0, 0, 0, bits: 8, "loopback"),
    Block(169, 254, 0, 0, bits: 16, "link-local (cloud metadata)"),
    Block(172, 16, 0, 0, bits: 12, "private"),
    Block(192, 0, 0, 0, bits: 24, "protocol assignments"),
    Block(192, 0, 2, 0, bits: 24, "documentation"),
    Block(192, 31, 196, 0, bits: 24, "AS112"),
    Block(192, 52, 193, 0, bits: 24, "AMT relay"),
    Block(192, 88, 99, 0, bits: 24, "6to4 relay"),
    Block(192, 168, 0, 0, bits: 16, "private"),
    Block(192, 175, 48, 0, bits: 24, "AS112"),
    Block(198, 18, 0, 0, bits: 15, "benchmark"),
    Block(198, 51, 100, 0, bits: 24, "documentation"),
    Block(203, 0, 113, 0, bits: 24, "documentation"),
    // Answers inside Azure's network only: DNS, health and the host agent of the machine.
    Block(168, 63, 129, 16, bits: 32, "cloud metadata"),
    Block(224, 0, 0, 0, bits: 4, "multicast"),
    Block(240, 0, 0, 0, bits: 4, "reserved or broadcast"),
  ]

  static let v6: [Block] = [
    Block(0x0000_0000_0000_0000, bits: 96, "unspecified, loopback or IPv4-compatible"),
    Block(0x0100_0000_0000_0000, bits: 64, "discard"),
    Block(0x2001_0000_0000_0000, bits: 23, "protocol assignments (Teredo, ORCHID, benchmark)"),
    Block(0x2001_0DB8_0000_0000, bits: 32, "documentation"),
    Block(0x2002_0000_0000_0000, bits: 16, "6to4"),
    Block(0x2620_004F_8000_0000, bits: 48, "AS112"),
    Block(0x3FFE_0000_0000_0000, bits: 16, "6bone"),
    Block(0x3FFF_0000_0000_0000, bits: 20, "documentation"),
    Block(0x5F00_0000_0000_0000, bits: 16, "segment routing"),
    Block(0xFC00_0000_0000_0000, bits: 7, "unique local"),
    Block(0xFE80_0000_0000_0000, bits: 10, "link-local"),
    Block(0xFEC0_0000_0000_0000, bits: 10, "site-local"),
    Block(0xFF00_0000_0000_0000, bits: 8, "multicast"),
  ]

  /// The IPv4 address that a host or a router on the way would make of an IPv6 one. The older forms
  /// (compatible, translated, 6to4, local NAT64) are refused whole: nothing public uses them.
  private static func embeddedV4(in address: IPAddress) -> (address: IPAddress, form: String)? {
    let v4 = IPAddress(v4: UInt32(truncatingIfNeeded: address.value))
    switch address.value >> 32 {
    case 0xFFFF: return (v4, "an IPv4-mapped address")
    case 0x0064_FF9B << 64: return (v4, "a NAT64 address")
    default: return nil
    }
  }

  /// ISATAP (RFC 5214): the interface identifier is 0000:5EFE or 0200:5EFE and an IPv4 address, to
  /// which a host tunnels the packet, whatever the prefix.
  private static func isISATAP(_ address: IPAddress) -> Bool {
    address.value >> 32 & 0xFDFF_FFFF == 0x0000_5EFE
  }
}
