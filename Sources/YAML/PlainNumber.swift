/// Numbers among plain scalars.
enum PlainNumber {
  /// The literal as JSON would write it; nil for what is no number, or has leading zeros (a code,
  /// not a quantity), or has no honest use as one.
  static func literal(_ text: String) -> String? {
    var rest = text.utf8[...]
    let sign = rest.first == UInt8(ascii: "-") ? "-" : ""
    if let first = rest.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") {
      rest.removeFirst()
    }
    let whole = digits(&rest)
    var literal = sign + (whole.isEmpty ? "0" : whole)
    guard text.utf8.count <= 64, whole.count < 2 || !whole.hasPrefix("0") else { return nil }
    var hasDigits = !whole.isEmpty
    if rest.first == UInt8(ascii: ".") {
      rest.removeFirst()
      let fraction = digits(&rest)
      literal += "." + (fraction.isEmpty ? "0" : fraction)
      hasDigits = hasDigits || !fraction.isEmpty
    }
    if hasDigits, let exponent = exponent(&rest) { literal += exponent }
    return hasDigits && rest.isEmpty ? literal : nil
  }

  private static func digits(_ rest: inout Substring.UTF8View) -> String {
    let run = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    rest = rest[run.endIndex...]
    return String(decoding: run, as: UTF8.self)
  }

  private static func exponent(_ rest: inout Substring.UTF8View) -> String? {
    var after = rest
    guard let mark = after.popFirst(), mark | 0x20 == UInt8(ascii: "e") else { return nil }
    var sign = ""
    if let first = after.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") {
      sign = first == UInt8(ascii: "-") ? "-" : ""
      after.removeFirst()
    }
    let power = digits(&after)
    guard !power.isEmpty else { return nil }
    rest = after
    return "e" + sign + power
  }
}
