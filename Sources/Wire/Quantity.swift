/// Amounts as operators write them, on the command line and in policy files. Parsed strictly and in integers: Swift's
/// own `Double(_:)` would accept `+1`, `0x10`, `nan` and `1e3`, which no one means here.
package enum Quantity {
  /// Docker's sizes: a number, an optional `k m g t p` in any case, an optional `i`, an optional
  /// `b`; all units are binary, so `2Gb` is 2 GiB. Nil if `text` is not a size or does not fit.
  package static func bytes(_ text: String) -> Int64? {
    var unit = text.lowercased()[...]
    guard let number = decimal(&unit) else { return nil }
    if unit.first == " ", unit.count > 1 { unit.removeFirst() }
    var scale: Int64 = 1
    if let first = unit.first, let power = "kmgtp".firstIndex(of: first) {
      scale <<= 10 * (Int64("kmgtp".distance(from: "kmgtp".startIndex, to: power)) + 1)
      unit.removeFirst()
    }
    if unit.first == "i" { unit.removeFirst() }
    if unit.first == "b" { unit.removeFirst() }
    return unit.isEmpty ? number.scaled(by: scale) : nil
  }

  /// Go's durations (`30s`, `2m`, `1m30s`, `1.5h`, `250ms`) or plain seconds (`30`).
  package static func duration(_ text: String) -> Duration? {
    var rest = text[...]
    var total: Int64 = 0
    repeat {
      guard let number = decimal(&rest) else { return nil }
      let unit = rest.prefix { !$0.isNumber && $0 != "." }
      rest = rest[unit.endIndex...]
      let isPlainSeconds = unit.isEmpty && number.length == text.utf8.count
      guard let scale = isPlainSeconds ? second : nanoseconds[String(unit)],
        let part = number.scaled(by: scale)
      else { return nil }
      let (sum, overflow) = total.addingReportingOverflow(part)
      guard !overflow else { return nil }
      total = sum
    } while !rest.isEmpty
    return .nanoseconds(total)
  }

  private static let second: Int64 = 1_000_000_000
  private static let nanoseconds: [String: Int64] = [
    "ns": 1, "us": 1000, "µs": 1000, "μs": 1000, "ms": 1_000_000,
    "s": second, "m": 60 * second, "h": 3600 * second,
  ]

  /// A number without sign or exponent, such as `0.5`.
  package static func fraction(_ text: String) -> Double? {
    var rest = text[...]
    guard decimal(&rest) != nil, rest.isEmpty else { return nil }
    return Double(text)
  }

  /// Digits only.
  package static func integer(_ text: String) -> Int? {
    text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
      ? Int(text) : nil
  }

  private struct Decimal {
    let whole: Int64
    /// The digits behind the point, as a number of `scale`ths.
    let part: Int64
    let partScale: Int64
    /// Bytes read.
    let length: Int

    /// Rounded down; nil if it does not fit.
    func scaled(by unit: Int64) -> Int64? {
      let (wholes, overflow) = whole.multipliedReportingOverflow(by: unit)
      let parts = part.multipliedFullWidth(by: unit)
      let (quotient, _) = partScale.dividingFullWidth(parts)
      let (sum, overflowed) = wholes.addingReportingOverflow(quotient)
      return overflow || overflowed ? nil : sum
    }
  }

  /// Takes `12`, `12.5` or `.5` from the front of `text`.
  private static func decimal(_ text: inout Substring) -> Decimal? {
    func digits() -> Substring {
      let found = text.prefix { $0.isASCII && $0.isNumber }
      text = text[found.endIndex...]
      return found
    }
    let whole = digits()
    var part: Substring = ""
    var length = whole.utf8.count
    if text.first == "." {
      text.removeFirst()
      part = digits()
      length += 1 + part.utf8.count
    }
    guard !whole.isEmpty || !part.isEmpty, part.count <= 15 else { return nil }
    guard let wholes = whole.isEmpty ? 0 : Int64(whole), let parts = part.isEmpty ? 0 : Int64(part)
    else { return nil }
    let scale = part.reduce(Int64(1)) { scale, _ in scale * 10 }
    return Decimal(whole: wholes, part: parts, partScale: scale, length: length)
  }
}
