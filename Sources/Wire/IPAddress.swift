/// An IP address as a number, read from its one strict spelling.
///
/// Loose spellings (`127.1`, `0x7f000001`, `2130706433`, `0177.0.0.1`) are not addresses here: what
/// one reader takes for a name another connects to as loopback.
package struct IPAddress: Sendable, Hashable {
  package enum Family: Sendable, Hashable { case v4, v6 }

  package let family: Family
  /// Big-endian; an IPv4 address is in the low 32 bits.
  package let value: UInt128

  package init(v4 value: UInt32) {
    family = .v4
    self.value = UInt128(value)
  }

  package init(v6 value: UInt128) {
    family = .v6
    self.value = value
  }

  /// Four decimal numbers without leading zeros, or RFC 4291 section 2.2 without brackets and zone.
  package init?(_ text: some StringProtocol) {
    let bytes = Array(text.utf8)
    if bytes.contains(UInt8(ascii: ":")) {
      guard let value = Self.v6(bytes[...]) else { return nil }
      self.init(v6: value)
    } else {
      guard let value = Self.v4(bytes[...]) else { return nil }
      self.init(v4: value)
    }
  }

  private static func v4(_ bytes: ArraySlice<UInt8>) -> UInt32? {
    let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var value: UInt32 = 0
    for part in parts {
      guard (1...3).contains(part.count), part.count == 1 || part.first != UInt8(ascii: "0"),
        part.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
      else { return nil }
      let octet = part.reduce(UInt32(0)) { $0 * 10 + UInt32($1 - UInt8(ascii: "0")) }
      guard octet < 256 else { return nil }
      value = value << 8 | octet
    }
    return value
  }

  private static func v6(_ bytes: ArraySlice<UInt8>) -> UInt128? {
    guard bytes.count <= 45 else { return nil }
    let halves = splitAtDoubleColon(bytes)
    guard let head = groups(halves.0, mayEndInV4: halves.1 == nil) else { return nil }
    guard let tailBytes = halves.1 else { return head.count == 8 ? joined(head) : nil }
    guard let tail = groups(tailBytes, mayEndInV4: true), head.count + tail.count < 8 else {
      return nil
    }
    let zeros = Array(repeating: UInt16(0), count: 8 - head.count - tail.count)
    return joined(head + zeros + tail)
  }

  private static func splitAtDoubleColon(
    _ bytes: ArraySlice<UInt8>
  ) -> (ArraySlice<UInt8>, ArraySlice<UInt8>?) {
    let colon = UInt8(ascii: ":")
    for (at, next) in zip(bytes.indices, bytes.indices.dropFirst())
    where bytes[at] == colon && bytes[next] == colon {
      return (bytes[..<at], bytes[(next + 1)...])
    }
    return (bytes, nil)
  }

  private static func groups(_ bytes: ArraySlice<UInt8>, mayEndInV4: Bool) -> [UInt16]? {
    if bytes.isEmpty { return [] }
    var groups: [UInt16] = []
    let parts = bytes.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    for (index, part) in parts.enumerated() {
      if mayEndInV4, index == parts.count - 1, part.contains(UInt8(ascii: ".")) {
        guard let v4 = v4(part) else { return nil }
        groups += [UInt16(v4 >> 16), UInt16(v4 & 0xFFFF)]
        continue
      }
      guard (1...4).contains(part.count), part.allSatisfy(isHexDigit),
        let group = UInt16(String(decoding: part, as: UTF8.self), radix: 16)
      else { return nil }
      groups.append(group)
    }
    return groups.count <= 8 ? groups : nil
  }

  /// `UInt16(_:radix:)` accepts a sign.
  private static func isHexDigit(_ byte: UInt8) -> Bool {
    Character(Unicode.Scalar(byte)).isHexDigit && byte < 0x80
  }

  private static func joined(_ groups: [UInt16]) -> UInt128 {
    groups.reduce(0) { $0 << 16 | UInt128($1) }
  }
}

extension IPAddress: CustomStringConvertible {
  /// Dotted decimal, or RFC 5952.
  package var description: String {
    switch family {
    case .v4:
      return [24, 16, 8, 0].map { String(value >> UInt128($0) & 0xFF) }.joined(separator: ".")
    case .v6:
      let groups = (0..<8).map { UInt16(truncatingIfNeeded: value >> UInt128((7 - $0) * 16)) }
      func text(_ part: some Sequence<UInt16>) -> String {
        part.map { String($0, radix: 16) }.joined(separator: ":")
      }
      guard let zeros = Self.longestZeros(groups) else { return text(groups) }
      return text(groups[..<zeros.lowerBound]) + "::" + text(groups[zeros.upperBound...])
    }
  }

  /// The first longest run of at least two zero groups.
  private static func longestZeros(_ groups: [UInt16]) -> Range<Int>? {
    var best: Range<Int>?
    var start = 0
    while start < groups.count {
      let end = groups[start...].firstIndex { $0 != 0 } ?? groups.count
      if end - start >= 2, end - start > best?.count ?? 0 { best = start..<end }
      start = max(end, start + 1)
    }
    return best
  }
}
