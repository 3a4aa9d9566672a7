/// The numbers we accept: JSON's grammar, and values that every reader holds alike.
///
/// Integers must fit 64 bits (signed or unsigned), everything else must be a finite double that is
/// zero only where it is written as zero. Literals are kept as they stand, so precision is the
/// reader's choice; a literal over 64 bytes has no honest use and makes some readers slow.
enum JSONNumber {
  private static let longestLiteral = 64

  /// The position after the number whose sign or first digit is at `start`.
  static func end(of bytes: Span<UInt8>, from start: Int) throws(JSONProblem) -> Int {
    let whole = bytes[start] == UInt8(ascii: "-") ? start + 1 : start
    var at = digits(bytes, from: whole)
    guard at == whole + 1 || (at > whole && bytes[whole] != UInt8(ascii: "0")) else {
      throw JSONProblem(.invalidNumber, at: start)
    }
    guard at < bytes.count, isFraction(bytes[at]) || isExponent(bytes[at]) else {
      guard at - whole < 19 || fits64Bits(bytes, whole..<at, isNegative: whole > start) else {
        throw JSONProblem(.ambiguousNumber, at: start)
      }
      return at
    }
    if isFraction(bytes[at]) { at = try someDigits(bytes, from: at + 1, of: start) }
    var exponent = at..<at
    if at < bytes.count, isExponent(bytes[at]) {
      let hasSign = at + 1 < bytes.count && isSign(bytes[at + 1])
      let first = at + (hasSign ? 2 : 1)
      at = try someDigits(bytes, from: first, of: start)
      exponent = first..<at
    }
    // With at most 64 bytes, only an exponent of three digits leaves the range of a double.
    guard at - start <= longestLiteral, exponent.count < 3 || isHeld(bytes, start..<at) else {
      throw JSONProblem(.ambiguousNumber, at: start)
    }
    return at
  }

  /// Whether a literal may hold this byte.
  static func canHold(_ byte: UInt8) -> Bool {
    byte &- UInt8(ascii: "0") < 10 || isFraction(byte) || isExponent(byte) || isSign(byte)
  }

  private static func isFraction(_ byte: UInt8) -> Bool { byte == UInt8(ascii: ".") }
  private static func isExponent(_ byte: UInt8) -> Bool { byte | 0x20 == UInt8(ascii: "e") }
  private static func isSign(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
  }

  private static func digits(_ bytes: Span<UInt8>, from start: Int) -> Int {
    var at = start
    while at < bytes.count, bytes[at] &- UInt8(ascii: "0") < 10 { at += 1 }
    return at
  }

  private static func someDigits(
    _ bytes: Span<UInt8>, from first: Int, of start: Int
  ) throws(JSONProblem) -> Int {
    let end = digits(bytes, from: first)
    guard end > first else { throw JSONProblem(.invalidNumber, at: start) }
    return end
  }

  private static func fits64Bits(
    _ bytes: Span<UInt8>, _ digits: Range<Int>, isNegative: Bool
  ) -> Bool {
    var value: UInt64 = 0
    for at in digits {
      let (tens, isTooLarge) = value.multipliedReportingOverflow(by: 10)
      let (sum, isOver) = tens.addingReportingOverflow(UInt64(bytes[at] &- UInt8(ascii: "0")))
      if isTooLarge || isOver { return false }
      value = sum
    }
    return !isNegative || value <= Int64.min.magnitude
  }

  /// Whether a double holds the literal: neither infinite nor rounded to nothing.
  private static func isHeld(_ bytes: Span<UInt8>, _ literal: Range<Int>) -> Bool {
    let text = String(decoding: literal.map { bytes[$0] }, as: UTF8.self)
    guard let value = Double(text), value.isFinite else { return false }
    return value != 0 || !hasDigitOtherThanZero(bytes, literal)
  }

  private static func hasDigitOtherThanZero(_ bytes: Span<UInt8>, _ literal: Range<Int>) -> Bool {
    for at in literal {
      if isExponent(bytes[at]) { return false }
      if (UInt8(ascii: "1")...UInt8(ascii: "9")).contains(bytes[at]) { return true }
    }
    return false
  }
}
