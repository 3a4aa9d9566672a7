/// Base64 as attackers and programs write it: both alphabets, with and without padding.
enum Base64 {
  /// 64 for a byte that is no digit.
  private static let values: [UInt8] = {
    var table = [UInt8](repeating: 64, count: 256)
    let digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    for (value, byte) in digits.utf8.enumerated() { table[Int(byte)] = UInt8(value) }
    table[Int(UInt8(ascii: "-"))] = 62
    table[Int(UInt8(ascii: "_"))] = 63
    return table
  }()

  /// The bytes of `digits`; what is no digit (padding, line breaks) is passed over, and bits left
  /// over at the end are dropped.
  static func decode(_ digits: ArraySlice<UInt8>) -> [UInt8] {
    var decoded: [UInt8] = []
    decoded.reserveCapacity(digits.count / 4 * 3 + 3)
    append(digits, to: &decoded)
    return decoded
  }

  static func append(_ digits: ArraySlice<UInt8>, to decoded: inout [UInt8]) {
    let start = decoded.count
    decoded.append(contentsOf: repeatElement(0, count: digits.count / 4 * 3 + 3))
    let length = write(digits.span, to: decoded.mutableSpan, at: start)
    decoded.removeLast(decoded.count - start - length)
  }

  /// Writes the decoded bytes at `start` and returns how many there are.
  private static func write(
    _ digits: Span<UInt8>, to decoded: consuming MutableSpan<UInt8>, at start: Int
  ) -> Int {
    let values = values.span
    var at = start
    var index = 0
    var word: UInt32 = 0
    var bits = 0
    while index < digits.count {
      if bits == 0, index + 4 <= digits.count {
        let one = values[Int(digits[index])]
        let two = values[Int(digits[index + 1])]
        let three = values[Int(digits[index + 2])]
        let four = values[Int(digits[index + 3])]
        if (one | two | three | four) < 64 {
          decoded[at] = one << 2 | two >> 4
          decoded[at + 1] = two << 4 | three >> 2
          decoded[at + 2] = three << 6 | four
          at += 3
          index += 4
          continue
        }
      }
      let value = values[Int(digits[index])]
      index += 1
      guard value < 64 else { continue }
      word = word << 6 | UInt32(value)
      bits += 6
      if bits >= 8 {
        bits -= 8
        decoded[at] = UInt8(truncatingIfNeeded: word >> UInt32(bits))
        at += 1
      }
    }
    return at - start
  }

  /// Digits without padding.
  static func encode(_ bytes: [UInt8], urlSafe: Bool = false) -> [UInt8] {
    let digits = Array(
      ("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
        + (urlSafe ? "-_" : "+/")).utf8)
    var encoded: [UInt8] = []
    var word: UInt32 = 0
    var bits = 0
    for byte in bytes {
      word = word << 8 | UInt32(byte)
      bits += 8
      while bits >= 6 {
        bits -= 6
        encoded.append(digits[Int(word >> UInt32(bits) & 63)])
      }
    }
    if bits > 0 { encoded.append(digits[Int(word << UInt32(6 - bits) & 63)]) }
    return encoded
  }
}
