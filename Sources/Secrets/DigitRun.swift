/// Runs of base64 digits of either alphabet, which hex is a part of.
enum DigitRun {
  private static let digits = CharacterClass.anyBase64
  private static let isDigit: [Bool] = (0..<256).map { digits.contains(UInt8($0)) }

  /// The next run of `shortest` or more digits. Such a run covers every `shortest`-th position, so
  /// only those are looked at until one is a digit. Lines of a wrapped run count as one.
  static func next(in bytes: [UInt8], from start: Int, atLeast shortest: Int) -> Range<Int>? {
    var floor = start
    while floor + shortest <= bytes.count {
      let probe = floor + shortest - 1
      guard isDigit[Int(bytes[probe])] else {
        floor = probe + 1
        continue
      }
      var first = probe
      while first > floor, isDigit[Int(bytes[first - 1])] { first -= 1 }
      var end = probe + 1
      while end < bytes.count, isDigit[Int(bytes[end])] { end += 1 }
      if end - first >= shortest { return first..<unwrapped(bytes, end) }
      floor = end
    }
    return nil
  }

  /// Where the lines that follow a run directly end: MIME breaks base64 at 76 characters.
  private static func unwrapped(_ bytes: [UInt8], _ lineEnd: Int) -> Int {
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
