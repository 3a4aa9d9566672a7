import Wire

/// An address or name to listen on, checked by form alone.
struct HostName: Sendable, Hashable {
  /// Without the brackets around an IPv6 address.
  let text: String

  init?(_ written: String) {
    let isBracketed = written.hasPrefix("[") && written.hasSuffix("]")
    let text = isBracketed ? String(written.dropFirst().dropLast()) : written
    let isValid =
      text.contains(":") || isBracketed
      ? IPAddress(text)?.family == .v6
      : text.utf8.last.map(Self.isDigit) == true ? IPAddress(text) != nil : Self.isName(text)
    guard isValid else { return nil }
    self.text = text
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
