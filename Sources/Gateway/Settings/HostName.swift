/// An address or name to listen on, checked by form alone.
struct HostName: Sendable, Hashable {
  /// Without the brackets around an IPv6 address.
  let text: String

  init?(_ written: String) {
    let isBracketed = written.hasPrefix("[") && written.hasSuffix("]")
    let text = isBracketed ? String(written.dropFirst().dropLast()) : written
    let isValid =
      text.contains(":") || isBracketed
      ? Self.isIPv6(text)
      : text.utf8.last.map(Self.isDigit) == true ? Self.isIPv4(text) : Self.isName(text)
    guard isValid else { return nil }
    self.text = text
  }

  var isLoopback: Bool {
    text == "localhost" || text == "::1" || (Self.isIPv4(text) && text.hasPrefix("127."))
  }

  /// Four decimal numbers without leading zeros, which some readers take for octal.
  private static func isIPv4(_ text: String) -> Bool {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4
      && parts.allSatisfy { part in
        part.utf8.allSatisfy(isDigit) && (part == "0" || !part.hasPrefix("0"))
          && Int(part).map { $0 <= 255 } == true
      }
  }

  private static func isIPv6(_ text: String) -> Bool {
    let halves = text.split(separator: "::", omittingEmptySubsequences: false)
    guard let head = halves.first, halves.count <= 2 else { return false }
    func groups(_ half: Substring) -> [Substring] {
      half.isEmpty ? [] : half.split(separator: ":", omittingEmptySubsequences: false)
    }
    var all = groups(head)
    if halves.count == 2, let tail = halves.last { all += groups(tail) }
    var isValid = true
    var count = 0
    for (index, group) in all.enumerated() {
      let isLastOfFour = index == all.count - 1 && isIPv4(String(group))
      isValid = isValid && (isLastOfFour || isHexGroup(group))
      count += isLastOfFour ? 2 : 1
    }
    return isValid && (halves.count == 2 ? count < 8 : count == 8)
  }

  private static func isHexGroup(_ group: Substring) -> Bool {
    (1...4).contains(group.utf8.count) && group.allSatisfy { $0.isASCII && $0.isHexDigit }
  }

  /// RFC 1123: labels of letters, digits and inner hyphens.
  private static func isName(_ text: String) -> Bool {
    let labels = text.split(separator: ".", omittingEmptySubsequences: false)
    return (1...253).contains(text.utf8.count)
      && labels.allSatisfy { label in
        (1...63).contains(label.utf8.count) && !label.hasPrefix("-") && !label.hasSuffix("-")
          && label.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
      }
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}
