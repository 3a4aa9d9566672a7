/// The numbers we accept: JSON's grammar, and values that every reader holds alike.
///
/// Integers must fit 64 bits (signed or unsigned), everything else must not overflow a double.
/// Literals are kept as they stand, so precision is the reader's choice; a literal over 64 bytes
/// has no honest use and makes some readers slow.
enum JSONNumber {
  private static let longestLiteral = 64

  static func end(of bytes: RawSpan, from start: Int, count: Int) throws(JSONProblem) -> Int {
    var at = start
    func byte(_ index: Int) -> UInt8 {
      index < count ? unsafe bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self) : 0
    }
    func digits(_ from: Int) -> Int {
      var end = from
      while (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte(end)) { end += 1 }
      return end
    }
    if byte(at) == UInt8(ascii: "-") { at += 1 }
    let integerStart = at
    at = digits(at)
    let integerDigits = at - integerStart
    guard integerDigits > 0, integerDigits == 1 || byte(integerStart) != UInt8(ascii: "0")
    else { throw JSONProblem(.invalidNumber, at: start) }
    var isInteger = true
    if byte(at) == UInt8(ascii: ".") {
      isInteger = false
      let end = digits(at + 1)
      guard end > at + 1 else { throw JSONProblem(.invalidNumber, at: start) }
      at = end
    }
    if byte(at) | 0x20 == UInt8(ascii: "e") {
      isInteger = false
      at += 1
      if byte(at) == UInt8(ascii: "+") || byte(at) == UInt8(ascii: "-") { at += 1 }
      let end = digits(at)
      guard end > at else { throw JSONProblem(.invalidNumber, at: start) }
      at = end
    }
    if isInteger && integerDigits < 19 { return at }
    guard at - start <= longestLiteral else { throw JSONProblem(.ambiguousNumber, at: start) }
    let literal = String(
      decoding: (start..<at).map { unsafe bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self) },
      as: UTF8.self)
    let agrees =
      isInteger
      ? Int64(literal) != nil || UInt64(literal) != nil : Double(literal)?.isFinite == true
    guard agrees else { throw JSONProblem(.ambiguousNumber, at: start) }
    return at
  }
}
