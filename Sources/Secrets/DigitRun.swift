/// Runs of digits long enough to hide a token.
struct DigitRun: Sendable {
  static let base64 = DigitRun(.anyBase64)
  static let hex = DigitRun(.hex)
  private static let shortest = 24

  private let isDigit: [Bool]

  private init(_ digits: CharacterClass) {
    isDigit = (0..<256).map { digits.contains(UInt8($0)) }
  }

  /// The next run in `range`. A run covers every 24th position at least once, so only those are
  /// looked at until one is a digit.
  func next(in bytes: [UInt8], within range: Range<Int>) -> Range<Int>? {
    let bytes = bytes.span
    let isDigit = isDigit.span
    var floor = range.lowerBound
    while floor + Self.shortest <= range.upperBound {
      let probe = floor + Self.shortest - 1
      guard isDigit[Int(bytes[probe])] else {
        floor = probe + 1
        continue
      }
      var first = probe
      while first > floor, isDigit[Int(bytes[first - 1])] { first -= 1 }
      var end = probe + 1
      while end < range.upperBound, isDigit[Int(bytes[end])] { end += 1 }
      if end - first >= Self.shortest { return first..<end }
      floor = end
    }
    return nil
  }

  /// Where the lines that follow a run directly end: MIME breaks base64 at 76 characters.
  func unwrapped(_ bytes: [UInt8], _ lineEnd: Int) -> Int {
    var end = lineEnd
    while true {
      var next = end
      while next < bytes.count, bytes[next] == 0x0A || bytes[next] == 0x0D { next += 1 }
      guard next > end, next < bytes.count, isDigit[Int(bytes[next])] else { return end }
      while next < bytes.count, isDigit[Int(bytes[next])] { next += 1 }
      end = next
    }
  }
}

enum Hex {
  private static func value(_ digit: UInt8) -> UInt8 {
    digit <= UInt8(ascii: "9") ? digit & 15 : (digit & 15) + 9
  }

  /// The bytes of pairs of digits; a digit left over is dropped.
  static func append(_ digits: ArraySlice<UInt8>, to decoded: inout [UInt8]) {
    var at = digits.startIndex
    while at + 1 < digits.endIndex {
      decoded.append(value(digits[at]) << 4 | value(digits[at + 1]))
      at += 2
    }
  }
}
