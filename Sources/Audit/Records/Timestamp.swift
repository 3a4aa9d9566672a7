import Glibc

/// A moment in UTC, to the microsecond: `2026-11-22T19:50:32.123456Z`. Its text is always as long,
/// so that texts sort like moments.
public struct Timestamp: Sendable, Hashable, Comparable {
  /// Microseconds since 1970.
  let microseconds: Int64

  static let length = 27

  /// The present by the machine's clock.
  static var now: Timestamp {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
  }

  public static func < (one: Timestamp, other: Timestamp) -> Bool {
    one.microseconds < other.microseconds
  }

  func append(to bytes: inout [UInt8]) {
    let clamped = min(max(microseconds, 0), Self.last)
    let (day, rest) = clamped.quotientAndRemainder(dividingBy: 86_400_000_000)
    let date = CivilDate(daysSince1970: Int(day))
    let (second, fraction) = rest.quotientAndRemainder(dividingBy: 1_000_000)
    Self.digits(date.year, 4, "-", &bytes)
    Self.digits(date.month, 2, "-", &bytes)
    Self.digits(date.day, 2, "T", &bytes)
    Self.digits(Int(second / 3_600), 2, ":", &bytes)
    Self.digits(Int(second / 60 % 60), 2, ":", &bytes)
    Self.digits(Int(second % 60), 2, ".", &bytes)
    Self.digits(Int(fraction), 6, "Z", &bytes)
  }

  /// The last microsecond of the year 9999: later ones would have another length.
  private static let last: Int64 = 253_402_300_799_999_999

  private static func digits(
    _ number: Int, _ count: Int, _ separator: Unicode.Scalar, _ bytes: inout [UInt8]
  ) {
    let end = bytes.count + count
    bytes.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: count))
    var (at, rest) = (end - 1, number)
    while rest > 0, at >= end - count {
      bytes[at] = UInt8(ascii: "0") + UInt8(rest % 10)
      rest /= 10
      at -= 1
    }
    bytes.append(UInt8(ascii: separator))
  }
}

extension Timestamp: CustomStringConvertible {
  public var description: String {
    var bytes: [UInt8] = []
    append(to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension Timestamp {
  /// A date, with or without time, fraction and `Z`: `2026-11-22`, `2026-11-22T19:50`,
  /// `2026-11-22T19:50:32.5Z`. Always UTC. Nil for anything else.
  public init?(_ text: String) {
    let parts = text.utf8.split(separator: UInt8(ascii: "T"), omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count),
      let date = Self.numbers(parts[0], "-", [4, 2, 2]),
      let days = CivilDate(year: date[0], month: date[1], day: date[2])?.daysSince1970
    else { return nil }
    var microseconds = Int64(days) * 86_400_000_000
    if parts.count == 2 {
      guard let time = Self.timeOfDay(parts[1]) else { return nil }
      microseconds += time
    }
    self.init(microseconds: microseconds)
  }

  private static func timeOfDay(_ text: Substring.UTF8View) -> Int64? {
    let text = text.last == UInt8(ascii: "Z") ? text.dropLast() : text
    let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count),
      let time = numbers(parts[0], ":", [2, 2, 2]) ?? numbers(parts[0], ":", [2, 2]),
      time[0] < 24, time[1] < 60, time.count < 3 || time[2] < 60
    else { return nil }
    let seconds = time[0] * 3_600 + time[1] * 60 + (time.count > 2 ? time[2] : 0)
    guard parts.count == 2 else { return Int64(seconds) * 1_000_000 }
    guard time.count == 3, (1...6).contains(parts[1].count), let fraction = number(parts[1]) else {
      return nil
    }
    let scale = (parts[1].count..<6).reduce(1) { scale, _ in scale * 10 }
    return Int64(seconds) * 1_000_000 + Int64(fraction * scale)
  }

  private static func numbers(
    _ text: Substring.UTF8View, _ separator: Unicode.Scalar, _ widths: [Int]
  ) -> [Int]? {
    let parts = text.split(separator: UInt8(ascii: separator), omittingEmptySubsequences: false)
    guard parts.map(\.count) == widths else { return nil }
    let numbers = parts.compactMap(number)
    return numbers.count == parts.count ? numbers : nil
  }

  private static func number(_ digits: Substring.UTF8View) -> Int? {
    guard digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return Int(Substring(digits))
  }
}

/// A day of the Gregorian calendar. The conversion counts from a March, so that the leap day is the
/// last of its year (Hinnant, "chrono-compatible low-level date algorithms").
private struct CivilDate {
  let year: Int
  let month: Int
  let day: Int

  init(daysSince1970 days: Int) {
    let shifted = days + 719_468
    let era = shifted / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  /// Nil for a day that no calendar has.
  init?(year: Int, month: Int, day: Int) {
    guard (1970...9999).contains(year), (1...12).contains(month), (1...31).contains(day) else {
      return nil
    }
    self.year = year
    self.month = month
    self.day = day
    let back = CivilDate(daysSince1970: daysSince1970)
    guard back.month == month, back.day == day else { return nil }
  }

  var daysSince1970: Int {
    let shiftedYear = month <= 2 ? year - 1 : year
    let era = shiftedYear / 400
    let yearOfEra = shiftedYear - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }
}
