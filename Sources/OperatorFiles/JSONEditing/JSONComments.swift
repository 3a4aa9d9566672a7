/// JSON as editors write their settings: with comments and commas behind the last entry.
enum JSONComments {
  /// The same text with comments and such commas as spaces: every other byte keeps its place, so
  /// that what is found in the plain text can be edited in the original.
  static func blanked(_ bytes: [UInt8]) -> [UInt8] {
    var plain = bytes
    var at = 0
    while at < plain.count {
      switch (plain[at], at + 1 < plain.count ? plain[at + 1] : 0) {
      case (quote, _): at = endOfString(plain, from: at)
      case (slash, slash): at = blank(&plain, at, until: endOfLine(plain, from: at))
      case (slash, star): at = blank(&plain, at, until: endOfBlock(plain, from: at))
      default: at += 1
      }
    }
    blankLastCommas(&plain)
    return plain
  }

  private static let quote = UInt8(ascii: "\"")
  private static let slash = UInt8(ascii: "/")
  private static let star = UInt8(ascii: "*")

  private static func endOfString(_ bytes: [UInt8], from start: Int) -> Int {
    var at = start + 1
    while at < bytes.count, bytes[at] != quote {
      at += bytes[at] == UInt8(ascii: "\\") ? 2 : 1
    }
    return at + 1
  }

  private static func endOfLine(_ bytes: [UInt8], from start: Int) -> Int {
    bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
  }

  private static func endOfBlock(_ bytes: [UInt8], from start: Int) -> Int {
    var at = start + 2
    while at + 1 < bytes.count {
      if bytes[at] == star, bytes[at + 1] == slash { return at + 2 }
      at += 1
    }
    // Not closed: left as it is, so that the text is refused.
    return start
  }

  private static func blank(_ bytes: inout [UInt8], _ start: Int, until end: Int) -> Int {
    for index in start..<end where bytes[index] != 0x0A && bytes[index] != 0x0D {
      bytes[index] = 0x20
    }
    return max(end, start + 1)
  }

  private static func blankLastCommas(_ bytes: inout [UInt8]) {
    var comma: Int?
    var at = 0
    while at < bytes.count {
      switch bytes[at] {
      case quote:
        comma = nil
        at = endOfString(bytes, from: at)
        continue
      case UInt8(ascii: ","): comma = at
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        if let comma { bytes[comma] = 0x20 }
        comma = nil
      case 0x20, 0x09, 0x0A, 0x0D: break
      default: comma = nil
      }
      at += 1
    }
  }
}
